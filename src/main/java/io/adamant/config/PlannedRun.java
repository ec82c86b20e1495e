package io.adamant.config;

/**
 * One run of a study's plan.
 *
 * @param arm name of its arm
 * @param label the arm and whatever varies within it, such as {@code adamw lr=0.002 seed=2}; unique
 *     in the plan
 * @param config the run, seed included
 */
public record PlannedRun(String arm, String label, RunConfig config) {}
