// What the page does beside textual.js. No script stands in the page itself: its policy forbids that.

// Keys go to the terminal from the start, without a click on it. textual.js says by a class that something is on it.
new MutationObserver((_changes, observer) => {
  if (document.body.classList.contains("-first-byte")) {
    observer.disconnect();
    document.querySelector(".xterm-helper-textarea").focus();
  }
}).observe(document.body, { attributeFilter: ["class"] });

// A process that could not start says why on the terminal, and nothing here.
setTimeout(() => document.body.classList.add("-slow"), 10_000);

document.getElementById("again").addEventListener("click", () => window.location.reload());
