"""What each shell is told, and tells us: click's own, with values that follow an equals sign (`--format=json`).

Bash takes the sign for a word of its own, and completes what follows it. The others complete the word as a whole. In
fish, a description may also hold a comma.
"""

from __future__ import annotations

from typing import Final

from click.shell_completion import BashComplete, FishComplete, ZshComplete, add_completion_class

_EQUALS: Final = "="

_ZSH: Final = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local type key descr
    local -a plain described response
    (( ! $+commands[%(prog_name)s] )) && return 1

    response=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \\
%(complete_var)s=zsh_complete %(prog_name)s)}")

    compset -P '--*='
    for type key descr in ${response}; do
        if [[ "$type" == "file" ]]; then
            _path_files -f
        elif [[ "$type" == "dir" ]]; then
            _path_files -/
        elif [[ "$descr" == "_" ]]; then
            plain+=("$key")
        else
            described+=("$key":"$descr")
        fi
    done

    (( $#described )) && _describe -V unsorted described
    (( $#plain )) && compadd -V unsorted -a plain
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""
_FISH: Final = """\
function %(complete_func)s
    set -l option (string match -r -- '^--[^=]+=' (commandline -ct))
    set -l response (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp) \\
COMP_CWORD=(commandline -ct) %(prog_name)s)

    for line in $response
        set -l found (string split -m 1 "," -- $line)
        switch $found[1]
            case file
                string replace -r -- '^' "$option" (__fish_complete_path $found[2])
            case dir
                string replace -r -- '^' "$option" (__fish_complete_directories $found[2])
            case plain
                echo -- "$option$found[2]"
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


class _Bash(BashComplete):
    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one that is completed, and that one: without equals signs of their own."""
        args, incomplete = super().get_completion_args()
        if incomplete == _EQUALS:
            return args, ""
        return (args[:-1] if args[-1:] == [_EQUALS] else args), incomplete


class _Zsh(ZshComplete):
    source_template = _ZSH


class _Fish(FishComplete):
    source_template = _FISH


def register() -> None:
    """Let click use these."""
    for kind in (_Bash, _Zsh, _Fish):
        add_completion_class(kind)
