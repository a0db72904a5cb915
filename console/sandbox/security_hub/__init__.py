"""The AWS Security Hub intake: findings of the AWS Security Finding Format, taken in as the service takes them."""
