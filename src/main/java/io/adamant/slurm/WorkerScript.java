package io.adamant.slurm;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The batch script of an array of workers. Each is the same command, takes runs until none is left,
 * and is told some minutes before its time is over.
 *
 * @param name of the jobs, which no other ones have
 * @param folder of the script and the logs
 * @param token that the script must find in the folder, so that each node sees the same one; empty
 *     to look for none
 * @param workers tasks of the array
 * @param cpus of a task
 * @param here the folder in which the command runs
 * @param command what a worker is
 * @param options for sbatch
 */
record WorkerScript(
    String name,
    Path folder,
    String token,
    int workers,
    int cpus,
    Path here,
    List<String> command,
    List<String> options) {

  static final String FILE = "worker.sbatch";
  static final String TOKEN = "token";
  static final String LOGS = "log";

  String text() {
    return """
        #!/bin/sh
        # Each task of this array takes runs of the study until none is left. To submit it:
        #   sbatch %8$s%9$s
        #SBATCH --job-name=%1$s
        #SBATCH --array=0-%2$s
        #SBATCH --cpus-per-task=%3$s
        #SBATCH --requeue
        #SBATCH --open-mode=append
        #SBATCH --signal=B:USR1@180
        #SBATCH --output="%4$s/log/%%A_%%a.log"
        # USR1 comes up to 4 minutes before the time limit: the worker saves, and requeues its task.
        # In another batch system, let TERM come early instead, and start the task again after exit code 75.

        %5$scd %6$s || exit 2
        export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}" # waiting threads leave the cores to others
        exec %7$s
        """
        .formatted(
            name,
            workers - 1,
            cpus,
            folder,
            token.isEmpty() ? "" : check(),
            quoted(here.toString()),
            quoted(command),
            options.isEmpty() ? "" : quoted(options) + " ",
            quoted(folder.resolve(FILE).toString()));
  }

  /** A folder of the same name on a node's own disk would hide all results from everybody else. */
  private String check() {
    String complaint =
        " does not see %s as it was when this was submitted; expected: a results folder that all nodes share"
            .formatted(folder);
    return """
        if [ "$(cat %s 2>/dev/null)" != %s ]; then
          echo "adamant: $(uname -n)"%s >&2
          exit 2
        fi
        """
        .formatted(quoted(folder.resolve(TOKEN).toString()), token, quoted(complaint));
  }

  private static String quoted(List<String> words) {
    return words.stream().map(WorkerScript::quoted).collect(Collectors.joining(" "));
  }

  /** A word as the shell reads it back. */
  static String quoted(String word) {
    return word.matches("[A-Za-z0-9_./:=,@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
