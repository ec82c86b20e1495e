/** Studies on clusters that Slurm runs: this process's job, and arrays of workers. */
package io.adamant.slurm;
