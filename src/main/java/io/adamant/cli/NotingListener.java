package io.adamant.cli;

import io.adamant.study.WorkerPool;
import java.util.function.Consumer;

/** Passes on what workers say, and tells of each run that has a result. */
final class NotingListener implements WorkerPool.Listener {

  private final WorkerPool.Listener next;
  private final Consumer<String> done;

  NotingListener(WorkerPool.Listener next, Consumer<String> done) {
    this.next = next;
    this.done = done;
  }

  @Override
  public void started(int worker, String id, long fromStep) {
    next.started(worker, id, fromStep);
  }

  @Override
  public void progressed(String id, long step, double loss, double tokensPerSecond) {
    next.progressed(id, step, loss, tokensPerSecond);
  }

  @Override
  public void found(String id) {
    next.found(id);
    done.accept(id);
  }

  @Override
  public void ended(int worker, String id, String status, double valLoss, double seconds) {
    next.ended(worker, id, status, valLoss, seconds);
    done.accept(id);
  }

  @Override
  public void message(int worker, String id, String text) {
    next.message(worker, id, text);
  }
}
