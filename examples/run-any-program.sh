#!/bin/sh
# Tunes a program that knows nothing of Paramo, here one of awk: it takes options and prints how it does.
# Run it: sh run-any-program.sh
set -e
descend='BEGIN {
  for (step = 1; step <= 20; step++) {
    speed = momentum * speed - rate * 2 * x
    x += speed
    printf "step %d loss=%g\n", step, x * x
  }
}'
npx paramo run --name descent -p rate=1e-3..1:log -p momentum=0..0.9 -n 10 -j 2 --minimize loss -- awk -v x=10 -v 'rate={rate}' -v 'momentum={momentum}' "$descend"
npx paramo trials descent --order value --limit 3
npx paramo logs descent 0 | tail -n 1
