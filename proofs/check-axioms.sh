#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The axioms ext64 and ext32 of core/lib/bits.h, in the theory of bit vectors:
# no two different words agree on all their bits. With the top bit left out
# there must be two, or the question would be vacuous.
f=$(mktemp) || exit 2
trap 'rm -f "$f"' EXIT
bad=0

ask() { # width, highest bit compared, solver...
	width=$1 top=$2
	shift 2
	{
		echo "(set-logic QF_BV)(declare-const x (_ BitVec $width))"
		echo "(declare-const y (_ BitVec $width))(assert (not (= x y)))"
		for i in $(seq 0 "$top"); do
			echo "(assert (= ((_ extract $i $i) x) ((_ extract $i $i) y)))"
		done
		echo '(check-sat)'
	} > "$f"
	"$@" "$f" 2>&1 | head -1
}

for width in 64 32; do
	for solver in "z3 -smt2 -T:20" "cvc5 --lang=smt2 --tlimit=20000"; do
		all=$(ask $width $((width - 1)) $solver)
		less=$(ask $width $((width - 2)) $solver)
		echo "axiom ext$width, ${solver%% *}: all bits $all," \
			"one bit missing $less"
		[ "$all" = unsat ] && [ "$less" = sat ] || bad=1
	done
done
exit $bad
