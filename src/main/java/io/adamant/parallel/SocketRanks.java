package io.adamant.parallel;

import io.adamant.base.Host;
import io.adamant.base.InputException;
import io.adamant.tensor.TensorMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Ranks over TCP, a connection for each pair, for machines without MPI. Tensors are on the CPU.
 *
 * <p>A message is its length, 8 bytes, and its bytes. What two ranks send each other goes both ways
 * at once, whatever its length: neither waits for the other to have read.
 */
public final class SocketRanks implements Ranks {

  private static final long MOST = 1 << 22; // bytes at a time
  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final int HELLO_BYTES = 64 + 2 * Integer.BYTES;

  /** Where a rank waits for the others to connect. */
  public static final class Door implements AutoCloseable {
    private final ServerSocketChannel server;

    private Door(int size) throws IOException {
      server = ServerSocketChannel.open();
      server.bind(null, size); // the others may come before this rank looks
    }

    /**
     * Where it is.
     *
     * @return words for {@link SocketRanks#SocketRanks}: port, this machine's name, its addresses
     */
    public String address() {
      List<String> words = new ArrayList<>();
      words.add(Integer.toString(server.socket().getLocalPort()));
      words.add(Host.name());
      words.addAll(Coordinator.addresses());
      return String.join(" ", words);
    }

    @Override
    public void close() {
      try {
        server.close();
      } catch (IOException e) {
        return; // nobody comes any more
      }
    }
  }

  /** The connection to another rank. */
  private static final class Peer {
    private final int rank;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final ByteBuffer lengthOut = ByteBuffer.allocateDirect(Long.BYTES);
    private final ByteBuffer lengthIn = ByteBuffer.allocateDirect(Long.BYTES);

    Peer(int rank, SocketChannel channel) throws IOException {
      this.rank = rank;
      this.channel = channel;
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      key = channel.register(Selector.open(), 0);
    }

    void exchange(TensorMemory out, TensorMemory in) throws IOException {
      lengthOut.clear().putLong(out.bytes()).flip();
      lengthIn.clear();
      long sent = 0;
      long received = 0;
      while (sent < out.bytes() || received < in.bytes()) {
        long moved = 0;
        if (sent < out.bytes()) {
          moved = send(out, sent);
          sent += moved;
        }
        if (received < in.bytes()) {
          long some = receive(in, received);
          received += some;
          moved += some;
        }
        if (moved == 0) {
          await(sent < out.bytes(), received < in.bytes());
        }
      }
    }

    private static ByteBuffer buffer(TensorMemory memory, long begin) {
      long length = Math.min(MOST, memory.bytes() - begin);
      return memory.part(begin, length).pointer().getByteBuffer(0, length);
    }

    private long send(TensorMemory out, long begin) throws IOException {
      ByteBuffer part = buffer(out, begin);
      channel.write(new ByteBuffer[] {lengthOut, part});
      return part.position();
    }

    private long receive(TensorMemory in, long begin) throws IOException {
      if (lengthIn.hasRemaining()) {
        require(channel.read(lengthIn));
        if (lengthIn.hasRemaining()) {
          return 0;
        }
        if (lengthIn.getLong(0) != in.bytes()) {
          throw new IllegalStateException(
              "rank %s sends %s bytes where %s are wanted"
                  .formatted(rank, lengthIn.getLong(0), in.bytes()));
        }
      }
      return require(channel.read(buffer(in, begin)));
    }

    private static int require(int count) throws IOException {
      if (count < 0) {
        throw new IOException("it has closed the connection");
      }
      return count;
    }

    private void await(boolean sends, boolean receives) throws IOException {
      key.interestOps((sends ? SelectionKey.OP_WRITE : 0) | (receives ? SelectionKey.OP_READ : 0));
      key.selector().select();
      key.selector().selectedKeys().clear();
      if (Thread.currentThread().isInterrupted()) {
        throw new IllegalStateException("interrupted while waiting for rank " + rank);
      }
    }

    void close() throws IOException {
      key.selector().close();
      channel.close();
    }
  }

  private final int rank;
  private final Peer[] peers;

  /**
   * Opens this rank's door, before it learns where those of the others are.
   *
   * @param size number of ranks
   * @return the door
   */
  public static Door open(int size) {
    try {
      return new Door(size);
    } catch (IOException e) {
      throw new UncheckedIOException("this rank cannot listen for the other ranks", e);
    }
  }

  /**
   * Connects with all the others: goes to those of lower numbers, then waits for the rest.
   *
   * @param rank of this process
   * @param door of this process; is closed
   * @param doors addresses of all, in the order of ranks
   * @param token 64 characters that all know and show
   * @throws InputException if another one cannot be reached, or does not come
   */
  public SocketRanks(int rank, Door door, List<String> doors, String token) {
    this.rank = rank;
    peers = new Peer[doors.size()];
    if (token.length() != HELLO_BYTES - 2 * Integer.BYTES) {
      throw new IllegalArgumentException("a token of " + token.length() + " characters");
    }
    try (door) {
      for (int other = 0; other < rank; other++) {
        peers[other] = new Peer(other, knock(other, doors, token));
      }
      long end = System.nanoTime() + Coordinator.ASSEMBLY.toNanos();
      for (int missing = doors.size() - 1 - rank; missing > 0; missing--) {
        accept(door.server, token, end, missing);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("connecting with the other ranks failed", e);
    }
  }

  /** Of an address that two machines have, the wrong one turns this rank away. */
  private SocketChannel knock(int other, List<String> doors, String token) {
    String[] words = doors.get(other).split(" ", -1);
    List<String> hosts = new ArrayList<>(List.of(words).subList(1, words.length));
    if (words[1].equals(Host.name())) {
      hosts.add(0, "127.0.0.1");
    }
    String reason = "";
    for (String host : hosts) {
      InetSocketAddress address = new InetSocketAddress(host, Integer.parseInt(words[0]));
      try {
        SocketChannel channel = SocketChannel.open();
        try {
          greet(channel, address, hello(token, rank, other));
          return channel;
        } catch (IOException e) {
          channel.close();
          throw e;
        }
      } catch (IOException | UnresolvedAddressException e) {
        reason = host + ": " + (e.getMessage() == null ? "unknown host" : e.getMessage());
      }
    }
    throw new InputException(
        "rank %s cannot reach rank %s on port %s (%s); is the network between them open?"
            .formatted(rank, other, words[0], reason));
  }

  private static void greet(SocketChannel channel, InetSocketAddress address, ByteBuffer hello)
      throws IOException {
    channel.socket().connect(address, Math.toIntExact(CONNECT.toMillis()));
    while (hello.hasRemaining()) {
      channel.write(hello);
    }
    channel.socket().setSoTimeout(Math.toIntExact(Coordinator.ASSEMBLY.toMillis()));
    if (channel.socket().getInputStream().read() != 1) {
      throw new IOException("something else answers there");
    }
  }

  /** Who knocks where. */
  private static ByteBuffer hello(String token, int from, int to) {
    ByteBuffer hello = ByteBuffer.allocate(HELLO_BYTES);
    return hello.put(token.getBytes(StandardCharsets.US_ASCII)).putInt(to).putInt(from).flip();
  }

  private void accept(ServerSocketChannel server, String token, long end, int missing)
      throws IOException {
    while (true) {
      long left = (end - System.nanoTime()) / 1_000_000;
      try {
        if (left <= 0) {
          throw new SocketTimeoutException();
        }
        server.socket().setSoTimeout((int) left);
        SocketChannel channel = server.socket().accept().getChannel();
        int from = from(channel.socket(), token);
        if (from > rank && from < peers.length && peers[from] == null) {
          channel.write(ByteBuffer.wrap(new byte[] {1}));
          peers[from] = new Peer(from, channel);
          return;
        }
        channel.close();
      } catch (SocketTimeoutException e) {
        throw new InputException(
            "%s ranks have not come to rank %s within %s s; is the network between them open?"
                .formatted(missing, rank, Coordinator.ASSEMBLY.toSeconds()),
            e);
      }
    }
  }

  /** The rank that knocks; -1 for anything else. */
  private int from(Socket socket, String token) throws IOException {
    socket.setSoTimeout(Math.toIntExact(Duration.ofSeconds(10).toMillis()));
    try {
      ByteBuffer hello = ByteBuffer.wrap(socket.getInputStream().readNBytes(HELLO_BYTES));
      if (hello.capacity() < HELLO_BYTES) {
        return -1;
      }
      int from = hello.getInt(HELLO_BYTES - Integer.BYTES);
      return hello.equals(hello(token, from, rank)) ? from : -1;
    } catch (IOException e) {
      return -1; // says nothing, or has gone
    }
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return peers.length;
  }

  @Override
  public void exchange(TensorMemory out, TensorMemory in, int peer) {
    try {
      peers[peer].exchange(out, in);
    } catch (IOException e) {
      throw new UncheckedIOException("the exchange with rank " + peer + " failed", e);
    }
  }

  /** Down a binomial tree, so that p ranks take log2(p) turns. */
  @Override
  public void broadcast(TensorMemory memory, int root) {
    TensorMemory nothing = memory.part(0, 0);
    int from = Math.floorMod(rank - root, size()); // as if the root were 0
    int distance = 1;
    while (distance < size() && (from & distance) == 0) {
      distance *= 2;
    }
    if (from != 0) {
      exchange(nothing, memory, (rank - distance + size()) % size());
    }
    for (distance /= 2; distance > 0; distance /= 2) {
      if (from + distance < size()) {
        exchange(memory, nothing, (rank + distance) % size());
      }
    }
  }

  @Override
  public void close() {
    try {
      for (Peer peer : peers) {
        if (peer != null) {
          peer.close();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("closing a connection failed", e);
    }
  }
}
