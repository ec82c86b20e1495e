package io.adamant.cli;

import io.adamant.slurm.Requeue;
import io.adamant.slurm.Slurm;
import io.adamant.slurm.SlurmJob;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * What asks a command to save a checkpoint and end: Ctrl-C, a terminal that closes, a scheduler.
 *
 * <p>A second Ctrl-C at a terminal ends the program at once. Without a terminal a signal that comes
 * again within ten seconds is the same request once more, as schedulers repeat it, and does not cut
 * the save short.
 */
final class StopSignal implements BooleanSupplier {

  /** Exit code of a command that was asked to stop and has work left: EX_TEMPFAIL. */
  static final int INTERRUPTED = 75;

  private static final int INT = 2;
  private static final Set<Integer> TIME_IS_OVER = Set.of(10, 12); // USR1, USR2
  private static final int TERM = 15;
  private static final Map<String, Integer> NUMBERS =
      Map.of("INT", INT, "TERM", TERM, "HUP", 1, "USR1", 10, "USR2", 12);
  private static final int BY_SIGNAL = 128; // a shell's exit code is this and the number
  private static final long PATIENCE = Duration.ofSeconds(10).toNanos();

  private static final AtomicBoolean LISTENING = new AtomicBoolean();
  private static final AtomicReference<StopSignal> CURRENT = new AtomicReference<>();

  private final AtomicBoolean asked = new AtomicBoolean();
  private final Runnable announcement;
  private volatile long firstAt;
  private volatile boolean timeIsOver;

  private StopSignal(Runnable announcement) {
    this.announcement = announcement;
  }

  /**
   * Starts listening. Until {@link #install}, while there is nothing to save, a signal ends the
   * program as interrupted.
   */
  static void listen() {
    if (LISTENING.getAndSet(true)) {
      return;
    }
    try {
      // The JDK's one way to hear a second Ctrl-C is sun.misc.Signal, which javac warns of.
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              StopSignal.class.getClassLoader(), new Class<?>[] {handler}, StopSignal::answer);
      for (Map.Entry<String, Integer> known : NUMBERS.entrySet()) {
        if (!isIgnored(known.getValue())) {
          Object number = signal.getConstructor(String.class).newInstance(known.getKey());
          try {
            signal.getMethod("handle", signal, handler).invoke(null, number, proxy);
          } catch (InvocationTargetException e) {
            // The JVM keeps it to itself.
          }
        }
      }
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      return; // another JVM, or started with -Xrs: signals end it as usual
    }
  }

  /** From here on signals ask to stop. */
  static StopSignal install(Runnable announcement) {
    StopSignal stop = new StopSignal(announcement);
    CURRENT.set(stop);
    listen();
    return stop;
  }

  /** Another rank has had a signal, which asks all. */
  static void ask() {
    StopSignal stop = CURRENT.get();
    if (stop != null && !stop.asked.getAndSet(true)) {
      stop.firstAt = System.nanoTime();
      stop.announcement.run();
    }
  }

  /** What a person at a terminal can do next, to be added to an announcement. */
  static String again() {
    return atTerminal() ? "; press Ctrl-C again to quit at once" : "";
  }

  /** Whoever had a signal ignored, as nohup and a shell's background do, keeps it ignored. */
  private static boolean isIgnored(int number) {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("SigIgn:"))
          .anyMatch(line -> new BigInteger(line.substring(7).strip(), 16).testBit(number - 1));
    } catch (IOException e) {
      return false; // not Linux
    }
  }

  private static boolean atTerminal() {
    return IntStream.rangeClosed(0, 2)
        .mapToObj(stream -> Path.of("/proc/self/fd/" + stream))
        .anyMatch(StopSignal::isTerminal);
  }

  private static boolean isTerminal(Path stream) {
    try {
      return Files.readSymbolicLink(stream).toString().matches("/dev/(pts/\\d+|tty.*|console)");
    } catch (IOException e) {
      return false; // closed
    }
  }

  private static Object answer(Object self, Method method, Object[] arguments)
      throws ReflectiveOperationException {
    return switch (method.getName()) {
      case "handle" ->
          handled((int) arguments[0].getClass().getMethod("getNumber").invoke(arguments[0]));
      case "equals" -> self == arguments[0];
      case "hashCode" -> System.identityHashCode(self);
      default -> "StopSignal";
    };
  }

  private static Object handled(int number) {
    StopSignal stop = CURRENT.get();
    if (stop == null) {
      if (TIME_IS_OVER.contains(number)) {
        SlurmJob.here()
            .map(job -> new Requeue(job, new Slurm()).askEarly())
            .ifPresent(done -> System.err.println("adamant: " + done));
      }
      System.exit(INTERRUPTED);
    } else {
      stop.received(number, System.nanoTime(), atTerminal());
    }
    return null;
  }

  private void received(int number, long now, boolean atTerminal) {
    timeIsOver = TIME_IS_OVER.contains(number);
    if (!asked.getAndSet(true)) {
      firstAt = now;
      announcement.run();
    } else if (endsAtOnce(number, now - firstAt, atTerminal)) {
      Runtime.getRuntime().halt(BY_SIGNAL + number);
    }
  }

  /** Whether a second signal cuts the save short. */
  static boolean endsAtOnce(int number, long nanosAfterFirst, boolean atTerminal) {
    boolean late = nanosAfterFirst > PATIENCE;
    return (number == INT && (atTerminal || late)) || (number == TERM && late);
  }

  /**
   * Whether USR1 or USR2 asked: a scheduler's warning that the time is nearly over, and no wish of
   * a person's that this end. A later TERM is such a wish.
   */
  boolean timeIsOver() {
    return timeIsOver;
  }

  @Override
  public boolean getAsBoolean() {
    return asked.get();
  }
}
