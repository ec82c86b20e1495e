package io.adamant.parallel;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A connection between rank 0 and another: messages of a kind and a text, and signs of life. */
final class Link implements AutoCloseable {

  /** Kinds of messages. */
  enum Kind {
    /** From a member: who it is. */
    HELLO,
    /** From the coordinator: what to do. */
    ORDER,
    /** From a member: what came of it. */
    ANSWER,
    /** From both: still there; from a member with the milliseconds it has waited for others. */
    ALIVE,
    /** From the coordinator: how long one may be silent, in milliseconds. */
    TIMEOUT,
    /** From a member: a signal asks to stop. */
    STOP,
    /** From a member: it cannot go on, and why. */
    FAILED,
    /** From the coordinator: all end, with exit code 1; it has said why. */
    ABORT,
    /** From both: this was the last word. */
    BYE
  }

  /** A message. */
  record Message(Kind kind, String text) {}

  private static final int LONGEST = 1 << 28;

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  private volatile long heard = System.nanoTime();

  Link(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    in = new DataInputStream(socket.getInputStream());
    out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
  }

  /**
   * Sends; a connection that is broken is noticed by whoever reads, once all that had come before,
   * perhaps a good-bye, is read.
   */
  void send(Kind kind, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    synchronized (out) {
      try {
        out.writeUTF(kind.name());
        out.writeInt(bytes.length);
        out.write(bytes);
        out.flush();
      } catch (IOException e) {
        return; // reading ends too
      }
    }
  }

  /** The next message; waits for it. */
  Message receive() throws IOException {
    Kind kind = kind(in.readUTF());
    int length = in.readInt();
    if (length < 0 || length > LONGEST) {
      throw stranger();
    }
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("a message ends too early");
    }
    heard = System.nanoTime();
    return new Message(kind, new String(bytes, StandardCharsets.UTF_8));
  }

  private static Kind kind(String name) throws IOException {
    try {
      return Kind.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw stranger();
    }
  }

  private static IOException stranger() {
    return new EOFException("what came is no message of Adamant");
  }

  /** Gives up waiting for a message after a while; zero for never. */
  void patience(Duration duration) throws IOException {
    socket.setSoTimeout(Math.toIntExact(duration.toMillis()));
  }

  /** How long nothing has come. */
  Duration silence() {
    return Duration.ofNanos(System.nanoTime() - heard);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      return; // it is of no use any more
    }
  }
}
