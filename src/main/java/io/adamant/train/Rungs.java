package io.adamant.train;

import java.util.Optional;

/**
 * Steps of a run after which its study decides whether it goes on. The run is evaluated there as at
 * any step of {@code training.eval_every}, for the decision alone: its metrics, its best loss and
 * its weights are those of a run without rungs.
 */
public interface Rungs {

  /** No rungs. */
  Rungs NONE =
      new Rungs() {
        @Override
        public boolean at(long step) {
          return false;
        }

        @Override
        public Optional<String> reached(long step, double loss) {
          return Optional.empty();
        }
      };

  /**
   * Whether to ask after a step. Also asked of the step that a checkpoint was saved after, since
   * the process that saved it may have been killed before it asked.
   *
   * @param step steps done
   * @return true at a rung that nothing has been decided about
   */
  boolean at(long step);

  /**
   * Decides. The checkpoint of this step is on the disk.
   *
   * @param step steps done
   * @param loss mean cross-entropy on the first {@code training.eval_tokens} of the validation text
   * @return empty to go on; otherwise why the run stops here
   */
  Optional<String> reached(long step, double loss);
}
