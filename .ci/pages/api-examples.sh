# shellcheck shell=bash
all_blocks
