package io.adamant.parallel;

import io.adamant.base.Host;
import io.adamant.base.InputException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** The side of a rank above 0 of what {@link Coordinator} says. */
public final class Member implements AutoCloseable {

  private static final Duration TURN = Duration.ofSeconds(2);

  private final int rank;
  private final Link link;
  private final LongSupplier waiting;
  private final Consumer<String> lost;
  private final BlockingQueue<Optional<String>> orders = new LinkedBlockingQueue<>();
  private volatile Duration timeout = Coordinator.ASSEMBLY;
  private volatile boolean closed;
  private volatile int exitCode;
  private final Semaphore alarm = new Semaphore(0); // ends the pause between signs of life

  /**
   * Goes to rank 0.
   *
   * @param addresses where it may be, tried in turn until one answers
   * @param token to show
   * @param rank of this process
   * @param waiting milliseconds that the exchange at hand has taken, 0 for none
   * @param lost hears why this process has to end, empty where rank 0 has said it; it ends the
   *     process
   */
  public Member(
      List<InetSocketAddress> addresses,
      String token,
      int rank,
      LongSupplier waiting,
      Consumer<String> lost) {
    this.rank = rank;
    this.waiting = waiting;
    this.lost = lost;
    link = connect(addresses);
    link.send(
        Link.Kind.HELLO,
        "%s %s %s %s, process %s"
            .formatted(
                token, rank, Coordinator.place(), Host.name(), ProcessHandle.current().pid()));
    Coordinator.daemon("adamant-orders", this::listen);
    Coordinator.daemon("adamant-life", this::live);
  }

  private Link connect(List<InetSocketAddress> addresses) {
    long end = System.nanoTime() + Coordinator.ASSEMBLY.toNanos();
    String reason = "";
    while (System.nanoTime() < end) {
      for (InetSocketAddress address : addresses) {
        Socket socket = new Socket();
        try {
          // A host that was not known yet, as one of Kubernetes that is being started, is looked up
          // again.
          InetSocketAddress now = new InetSocketAddress(address.getHostString(), address.getPort());
          socket.connect(now, 3000);
          return new Link(socket);
        } catch (IOException e) {
          reason = address + ": " + e.getMessage();
          close(socket);
        }
      }
      Coordinator.pause(Duration.ofMillis(200));
    }
    throw new InputException("rank %s cannot reach rank 0 at %s".formatted(rank, reason));
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      return; // it never was open
    }
  }

  private void listen() {
    try {
      while (true) {
        Link.Message message = link.receive();
        switch (message.kind()) {
          case ORDER -> orders.add(Optional.of(message.text()));
          case ALIVE -> {}
          case TIMEOUT -> {
            timeout = Duration.ofMillis(Long.parseLong(message.text()));
            alarm.release(); // the pause may be longer than that
          }
          case ABORT -> lose("");
          case BYE -> {
            closed = true;
            exitCode = Integer.parseInt(message.text());
            orders.add(Optional.empty());
            return;
          }
          default -> throw new IOException("an unexpected " + message.kind());
        }
      }
    } catch (IOException e) {
      if (!closed) {
        loseInTurn("rank 0 has ended without a word");
      }
    }
  }

  private void live() {
    while (!closed) {
      link.send(Link.Kind.ALIVE, Long.toString(waiting.getAsLong()));
      if (link.silence().compareTo(timeout) > 0) {
        loseInTurn("rank 0 has given no sign of life for " + Coordinator.seconds(timeout) + " s");
      }
      Coordinator.pause(alarm, Coordinator.beat(timeout));
    }
  }

  /** The first of those that are left says it; a launcher ends the others meanwhile. */
  private void loseInTurn(String reason) {
    Coordinator.pause(TURN.multipliedBy(rank - 1L));
    lose(reason);
  }

  private void lose(String reason) {
    if (!closed) {
      closed = true;
      lost.accept(reason);
    }
  }

  /**
   * The next order; waits for it.
   *
   * @return empty when there are no more
   */
  public Optional<String> next() {
    try {
      return orders.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for rank 0", e);
    }
  }

  /**
   * Answers an order that asks for it.
   *
   * @param text of the answer
   */
  public void answer(String text) {
    link.send(Link.Kind.ANSWER, text);
  }

  /** Says that a signal asks to stop. */
  public void askToStop() {
    link.send(Link.Kind.STOP, "");
  }

  /**
   * Says that this rank cannot go on, and ends it.
   *
   * @param reason one line
   */
  public void fail(String reason) {
    link.send(Link.Kind.FAILED, reason);
    Coordinator.pause(Duration.ofSeconds(5)); // rank 0 says it and ends all
    lose("");
  }

  /**
   * How rank 0 ends.
   *
   * @return its exit code, once there are no more orders
   */
  public int exitCode() {
    return exitCode;
  }

  @Override
  public void close() {
    closed = true;
    link.send(Link.Kind.BYE, "");
    link.close();
  }
}
