package io.adamant.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Ctrl-C during training: the first asks the loop to save a checkpoint and end, the second ends the
 * program at once.
 */
final class StopSignal implements BooleanSupplier {

  private static final int EXIT_BY_SIGINT = 130;

  private final AtomicBoolean asked = new AtomicBoolean();
  private final Runnable announcement;

  private StopSignal(Runnable announcement) {
    this.announcement = announcement;
  }

  /** Starts listening for SIGINT and SIGTERM; without them Ctrl-C ends the JVM as usual. */
  static StopSignal install(Runnable announcement) {
    StopSignal stop = new StopSignal(announcement);
    try {
      // The JDK's one way to hear a second Ctrl-C is sun.misc.Signal, which javac warns of.
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              StopSignal.class.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> stop.answer(self, method, arguments));
      for (String name : new String[] {"INT", "TERM"}) {
        Object number = signal.getConstructor(String.class).newInstance(name);
        try {
          signal.getMethod("handle", signal, handler).invoke(null, number, proxy);
        } catch (InvocationTargetException e) {
          // Ignored since before the JVM began, as SIGINT is in a shell's background job.
        }
      }
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      return stop; // another JVM, or started with -Xrs
    }
    return stop;
  }

  private Object answer(Object self, Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "handle" -> received();
      case "equals" -> self == arguments[0];
      case "hashCode" -> System.identityHashCode(self);
      default -> "StopSignal";
    };
  }

  private Object received() {
    if (asked.getAndSet(true)) {
      Runtime.getRuntime().halt(EXIT_BY_SIGINT);
    }
    announcement.run();
    return null;
  }

  @Override
  public boolean getAsBoolean() {
    return asked.get();
  }
}
