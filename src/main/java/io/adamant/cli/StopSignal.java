package io.adamant.cli;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import sun.misc.Signal;

/**
 * Ctrl-C during training: the first asks the loop to save a checkpoint and end, the second ends the
 * program at once.
 */
final class StopSignal implements BooleanSupplier {

  private static final int EXIT_BY_SIGINT = 130;

  private final AtomicBoolean asked = new AtomicBoolean();

  /** Starts listening for SIGINT and SIGTERM. */
  static StopSignal install(Runnable announcement) {
    StopSignal stop = new StopSignal();
    for (String name : new String[] {"INT", "TERM"}) {
      Signal.handle(
          new Signal(name),
          signal -> {
            if (stop.asked.getAndSet(true)) {
              Runtime.getRuntime().halt(EXIT_BY_SIGINT);
            }
            announcement.run();
          });
    }
    return stop;
  }

  @Override
  public boolean getAsBoolean() {
    return asked.get();
  }
}
