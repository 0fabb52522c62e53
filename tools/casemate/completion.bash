# SPDX-License-Identifier: Apache-2.0
# bash completion for casemate(1); installed as
# /usr/share/bash-completion/completions/casemate

_casemate_domains()
{
	casemate list 2>/dev/null | awk 'NR > 1 && $2 != "-" { print $2 }'
}

_casemate_options()
{
	case $1 in
	create) echo "-p --paused --json --help" ;;
	shutdown) echo "-w --wait -r --reboot --json --help" ;;
	audit) echo "-f --follow -s --since --json --help" ;;
	top) echo "-n --count -d --delay --json --help" ;;
	measure) echo "--plan --json --help" ;;
	console) echo "--help" ;;
	help) ;;
	*) echo "--json --help" ;;
	esac
}

_casemate()
{
	local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
	local commands="create list info console pause unpause shutdown
		destroy policy audit top debug measure labels version help"

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$word")
		return
	fi
	if [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(
			compgen -W "$(_casemate_options "$command")" -- "$word")
		return
	fi
	if [ "$command" = policy ] && [ "$COMP_CWORD" -eq 2 ]; then
		mapfile -t COMPREPLY < <(
			compgen -W "load coverage" -- "$word")
		return
	fi
	case $command in
	policy)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		;;
	create | measure)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$word"
			compgen -f -X '!*.cfg' -- "$word")
		;;
	debug)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		;;
	info | console | pause | unpause | shutdown | destroy)
		mapfile -t COMPREPLY < <(
			compgen -W "$(_casemate_domains)" -- "$word")
		;;
	esac
}

complete -F _casemate casemate
