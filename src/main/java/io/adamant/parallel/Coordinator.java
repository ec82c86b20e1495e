package io.adamant.parallel;

import io.adamant.base.Host;
import io.adamant.base.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Rank 0's side of what ranks say to each other beside tensors: orders to all, answers, signs of
 * life. A rank that ends without a word, is silent for too long, or says that it cannot go on, ends
 * all of them; so does an exchange of tensors that takes longer than that.
 */
public final class Coordinator {

  /** Time in which all ranks must have come, whatever is configured later. */
  static final Duration ASSEMBLY = Duration.ofMinutes(5);

  private static final Duration LONGEST_BEAT = Duration.ofSeconds(5);

  /** What is known of another rank. */
  private static final class Other {
    private final int rank;
    private final Link link;
    private final String place; // host and processors that it may use
    private final String name;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private volatile long waiting;
    private volatile boolean left;

    Other(int rank, Link link, String place, String name) {
      this.rank = rank;
      this.link = link;
      this.place = place;
      this.name = name;
    }

    @Override
    public String toString() {
      return "rank " + rank + " (" + name + ")";
    }
  }

  private final ServerSocket server;
  private final String token;
  private final Consumer<String> lost;
  private final Runnable stop;
  private final LongSupplier waiting;
  private final List<Other> others = new ArrayList<>();
  private volatile Duration timeout = ASSEMBLY;
  private volatile boolean closed;
  private volatile boolean absent;
  private volatile long awake = System.nanoTime();
  private final Semaphore alarm = new Semaphore(0); // ends the pause between looks

  /**
   * Opens a door for the others.
   *
   * @param port where; 0 for any
   * @param token that they have to show
   * @param waiting milliseconds that this rank's exchange at hand has taken, 0 for none
   * @param stop called when a signal has asked one of the others to stop
   * @param lost hears why all ranks have to end, empty where the others have said it; it ends this
   *     process
   */
  public Coordinator(
      int port, String token, LongSupplier waiting, Runnable stop, Consumer<String> lost) {
    this.token = token;
    this.stop = stop;
    this.waiting = waiting;
    this.lost = lost;
    try {
      server = new ServerSocket();
      server.setReuseAddress(true);
      server.bind(new InetSocketAddress(port));
    } catch (IOException e) {
      throw new InputException(
          "rank 0 cannot listen on port %s for the other ranks (%s); set %s to a free one on all ranks"
              .formatted(port, e.getMessage(), Rendezvous.PORT),
          e);
    }
  }

  /**
   * Where the others find it.
   *
   * @return a port
   */
  public int port() {
    return server.getLocalPort();
  }

  /**
   * Waits for all the others.
   *
   * @param size number of ranks
   * @throws InputException if one does not come in time
   */
  public void assemble(int size) {
    long end = System.nanoTime() + ASSEMBLY.toNanos();
    Other[] found = new Other[size];
    for (int missing = size - 1; missing > 0; ) {
      Optional<Other> other = accept(end);
      if (other.isEmpty()) {
        throw new InputException(
            "%s of %s ranks have come within %s s; is the network between them open?"
                .formatted(size - missing, size, ASSEMBLY.toSeconds()));
      }
      int rank = other.get().rank;
      if (rank <= 0 || rank >= size || found[rank] != null) {
        throw new InputException("two ranks are called " + rank + ", or there are not so many");
      }
      found[rank] = other.get();
      missing--;
    }
    for (int rank = 1; rank < size; rank++) {
      Other other = found[rank];
      others.add(other);
      daemon("adamant-rank-" + rank, () -> listen(other));
    }
    daemon("adamant-ranks", this::watch);
  }

  /** The next rank at the door; whoever has no token is no rank. */
  private Optional<Other> accept(long end) {
    while (true) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return Optional.empty();
      }
      Optional<Other> other = knock((int) left);
      if (other.isPresent()) {
        return other;
      }
    }
  }

  private Optional<Other> knock(int milliseconds) {
    try {
      server.setSoTimeout(milliseconds);
      Link link = new Link(server.accept());
      link.patience(Duration.ofSeconds(10));
      Link.Message hello = link.receive();
      String[] words = hello.text().split(" ", 4); // token, rank, place, name
      if (hello.kind() == Link.Kind.HELLO && words.length == 4 && words[0].equals(token)) {
        link.patience(Duration.ZERO);
        return Optional.of(new Other(Integer.parseInt(words[1]), link, words[2], words[3]));
      }
      link.close();
      return Optional.empty();
    } catch (IOException | NumberFormatException e) {
      return Optional.empty(); // something else knocked, or nothing in time
    }
  }

  private void listen(Other other) {
    try {
      while (true) {
        Link.Message message = other.link.receive();
        switch (message.kind()) {
          case ANSWER -> other.answers.add(message.text());
          case ALIVE -> other.waiting = Long.parseLong(message.text());
          case STOP -> stop.run();
          case FAILED -> abort(other + ": " + message.text());
          case BYE -> {
            other.left = true;
            return;
          }
          default -> throw new IOException("an unexpected " + message.kind());
        }
      }
    } catch (IOException e) {
      if (!closed && !other.left) {
        abort(other + " has ended without a word");
      }
    }
  }

  private void watch() {
    while (!closed) {
      absent = absent();
      awake = System.nanoTime();
      for (Other other : others) {
        other.link.send(Link.Kind.ALIVE, "0");
        if (!other.left && other.link.silence().compareTo(timeout) > 0) {
          abort("%s has given no sign of life for %s s".formatted(other, seconds(timeout)));
        }
      }
      if (waiting.getAsLong() > timeout.toMillis()) {
        abort(stuck());
      }
      pause(alarm, beat(timeout));
    }
  }

  /**
   * Whether this process was stopped for longer than a rank may be silent: the others have said so.
   */
  private boolean absent() {
    return absent || System.nanoTime() - awake > timeout.toNanos();
  }

  /** Who keeps the others waiting: whoever does not wait. */
  private String stuck() {
    List<String> late =
        others.stream()
            .filter(other -> other.waiting < timeout.toMillis() / 2)
            .map(Other::toString)
            .toList();
    return late.isEmpty()
        ? "an exchange of tensors has not ended for %s s".formatted(seconds(timeout))
        : "%s has not come to an exchange of tensors for %s s"
            .formatted(String.join(", ", late), seconds(timeout));
  }

  static String seconds(Duration duration) {
    return String.valueOf(duration.toMillis() / 1000.0).replaceFirst("\\.0$", "");
  }

  static Duration beat(Duration timeout) {
    Duration often = timeout.dividedBy(5);
    return often.compareTo(LONGEST_BEAT) < 0 ? often : LONGEST_BEAT;
  }

  static void pause(Duration duration) {
    pause(new Semaphore(0), duration);
  }

  /** Waits, until an alarm at most. */
  static void pause(Semaphore alarm, Duration duration) {
    try {
      if (alarm.tryAcquire(duration.toMillis(), TimeUnit.MILLISECONDS)) {
        alarm.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static Thread daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /**
   * Ends all ranks.
   *
   * @param reason one line
   */
  public synchronized void abort(String reason) {
    if (closed) {
      return;
    }
    closed = true;
    others.forEach(other -> other.link.send(Link.Kind.ABORT, reason));
    lost.accept(absent() ? "" : reason);
  }

  /** Ranks, this one too, that have the same processors of the same machine. */
  int sharing() {
    String here = place();
    return 1 + (int) others.stream().filter(other -> other.place.equals(here)).count();
  }

  /** This machine and the processors of it that this process may use. */
  static String place() {
    try {
      String processors =
          Files.readAllLines(Path.of("/proc/self/status")).stream()
              .filter(line -> line.startsWith("Cpus_allowed_list:"))
              .map(line -> line.replaceFirst("^[^:]*:\\s*", ""))
              .findFirst()
              .orElse("");
      return Host.name() + ":" + processors;
    } catch (IOException e) {
      return Host.name(); // not Linux
    }
  }

  /**
   * Sets how long a rank may be silent.
   *
   * @param longest from now on
   */
  public void timeout(Duration longest) {
    awake = System.nanoTime(); // the pause before may have been longer
    timeout = longest;
    others.forEach(other -> other.link.send(Link.Kind.TIMEOUT, "" + longest.toMillis()));
    alarm.release(); // the pause may be longer than that
  }

  /**
   * Gives an order to all the others, and does not wait for them.
   *
   * @param text of the order
   */
  public void order(String text) {
    others.forEach(other -> other.link.send(Link.Kind.ORDER, text));
  }

  /**
   * Waits for an answer of each of the others.
   *
   * @return in the order of ranks, from 1 on
   */
  public List<String> answers() {
    List<String> answers = new ArrayList<>();
    try {
      for (Other other : others) {
        answers.add(other.answers.take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for other ranks", e);
    }
    return answers;
  }

  /**
   * Says good-bye.
   *
   * @param exitCode with which the others end too
   */
  public void close(int exitCode) {
    closed = true;
    others.forEach(other -> other.link.send(Link.Kind.BYE, Integer.toString(exitCode)));
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Addresses of this machine that another one may reach it by. */
  static List<String> addresses() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
          .map(InetAddress::getHostAddress)
          .map(address -> address.replaceFirst("%.*", ""))
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }
}
