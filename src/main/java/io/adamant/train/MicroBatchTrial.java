package io.adamant.train;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.KernelPath;
import io.adamant.tensor.DeviceMemory;
import java.util.List;
import java.util.Map;

/**
 * Two real steps of a run with micro-batches of some size, thrown away, with as many copies of the
 * parameters as the run's hooks will hold.
 */
final class MicroBatchTrial implements MicroBatch.Trial {

  private static final int STEPS = 2; // the second finds memory as all later ones do
  private static final int MOST_MICRO_BATCHES = 2; // the others take what the second took

  private final RunConfig config;
  private final Device device;
  private final int copies;
  private final Session session;

  MicroBatchTrial(RunConfig config, TokenDataset data, Device device, KernelPath path, int copies) {
    this.config = config;
    this.device = device;
    this.copies = copies;
    session = new Session(config, data, device, path);
  }

  @Override
  public void accept(int size) {
    int count = Math.min(MOST_MICRO_BATCHES, config.training().largestMicroBatch() / size);
    RunConfig tried =
        config.with(
            Map.of(
                "training.batch", size * count,
                "training.micro_batch", size,
                "training.leaves", count,
                "training.steps", STEPS));
    try (NDManager ballast = session.manager().newSubManager();
        BatchPrefetcher batches = session.batchesFrom(tried, 0)) {
      for (int i = 0; i < copies; i++) {
        session.weights().values().forEach(weight -> ballast.zeros(new Shape(weight.size())));
      }
      TrainingStep trial =
          new TrainingStep(session, tried.training(), List.of(), TrainingStep.Observer.NONE);
      for (int step = 0; step < STEPS; step++) {
        trial.take(step, batches);
      }
      session.clipping().read(0, STEPS); // waits for the device
    } finally {
      DeviceMemory.release(device);
    }
  }

  @Override
  public void close() {
    session.close();
    DeviceMemory.release(device);
  }
}
