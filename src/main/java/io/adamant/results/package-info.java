/**
 * The files of runs and studies, each with its writer and its reader: {@code run.yaml}, {@code
 * manifest.json}, {@code metrics.jsonl}, {@code summary.json}, {@code arm.json}, {@code
 * study.yaml}, {@code confirmation.yaml}, {@code runs.csv}. Nothing else reads or writes them or
 * knows their keys.
 */
package io.adamant.results;
