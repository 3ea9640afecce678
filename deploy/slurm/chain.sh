#!/bin/sh
# Jobs that follow each other under one request, each from where the one before stopped.
# usage: chain.sh COUNT SBATCH-FILE [OPTIONS OF sbatch]
# Each gets its number as STAGER_CHAIN, which stands before Slurm's own restart count, so that none counts as an old one.
set -eu
count=$1
file=$2
shift 2
before=
number=0
while [ "$number" -lt "$count" ]; do
	before=$(sbatch --parsable --export=ALL,STAGER_CHAIN=$number ${before:+--dependency=afterany:$before} "$@" "$file")
	before=${before%%;*}
	echo "$before"
	number=$((number + 1))
done
