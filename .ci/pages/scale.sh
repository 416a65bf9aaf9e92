# shellcheck shell=bash disable=SC2164 # what fails ends the shell
mkdir shop
(
    cd shop
    DVORIK_TIMEZONE=Asia/Vladivostok DVORIK_CURRENCY=RUB dvorik init --no-input
    dvorik backup
)
block 'cp shop/backups'
