package io.adamant.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.adamant.tensor.TensorMemory;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SocketRanksTest {

  private static final String TOKEN = "0123456789abcdef".repeat(4);

  /** What a rank does. */
  private interface Work<T> {
    T of(Ranks ranks) throws Exception;
  }

  private static <T> List<T> together(int size, Work<T> work) throws Exception {
    List<SocketRanks.Door> doors = new ArrayList<>();
    List<String> addresses = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      doors.add(SocketRanks.open(size));
      addresses.add(doors.get(rank).address());
    }
    ExecutorService threads = Executors.newFixedThreadPool(size);
    try {
      List<Future<T>> futures = new ArrayList<>();
      for (int rank = 0; rank < size; rank++) {
        int number = rank;
        futures.add(
            threads.submit(
                () -> {
                  try (Ranks ranks = new SocketRanks(number, doors.get(number), addresses, TOKEN)) {
                    return work.of(ranks);
                  }
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get(60, TimeUnit.SECONDS));
      }
      return results;
    } finally {
      threads.shutdownNow();
      doors.forEach(SocketRanks.Door::close);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void sumsHaveTheBitsOfOneProcess(int size) throws Exception {
    assertThat(together(size, WildSums::over)).containsOnly(WildSums.alone(size));
  }

  /** More than any buffer of the system holds, both ways at once. */
  @Test
  void largePartsGoBothWaysAtOnce() throws Exception {
    long bytes = 40_000_003;
    List<Boolean> right =
        together(
            2,
            ranks -> {
              try (Memory out = new Memory(bytes);
                  Memory in = new Memory(bytes + 1)) {
                out.setMemory(0, bytes, (byte) (ranks.rank() + 1));
                out.setByte(bytes - 1, (byte) 77);
                in.clear();
                ranks.exchange(memory(out, bytes), memory(in, bytes), 1 - ranks.rank());
                byte other = (byte) (2 - ranks.rank());
                return in.getByte(0) == other
                    && in.getByte(bytes / 2) == other
                    && in.getByte(bytes - 1) == 77
                    && in.getByte(bytes) == 0;
              }
            });
    assertThat(right).containsExactly(true, true);
  }

  private static TensorMemory memory(Memory memory, long bytes) {
    return new TensorMemory(Pointer.nativeValue(memory), bytes);
  }

  /** Not a power of two of them: whoever has it gives it to all. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void allAreGivenWhatOneHas(int root) throws Exception {
    List<Long> given =
        together(
            5,
            ranks -> {
              try (Memory memory = new Memory(8)) {
                memory.setLong(0, ranks.rank() == root ? 4711 : ranks.rank());
                ranks.broadcast(memory(memory, 8), root);
                return memory.getLong(0);
              }
            });
    assertThat(given).containsOnly(4711L);
  }

  @Test
  void aMessageOfAnotherLengthIsAnError() {
    assertThatThrownBy(
            () ->
                together(
                    2,
                    ranks -> {
                      try (Memory memory = new Memory(64)) {
                        TensorMemory all = memory(memory, 64);
                        TensorMemory none = all.part(0, 0);
                        if (ranks.rank() == 0) {
                          ranks.exchange(all.part(0, 16), none, 1);
                        } else {
                          ranks.exchange(none, all.part(0, 8), 0);
                        }
                        return 0;
                      }
                    }))
        .hasMessageContaining("rank 0 sends 16 bytes where 8 are wanted");
  }

  @Test
  void aRankThatHasGoneIsNamed() {
    assertThatThrownBy(
            () ->
                together(
                    2,
                    ranks -> {
                      if (ranks.rank() == 0) {
                        return 0;
                      }
                      try (Memory memory = new Memory(8)) {
                        ranks.exchange(memory(memory, 8).part(0, 0), memory(memory, 8), 0);
                      }
                      return 0;
                    }))
        .hasMessageContaining("the exchange with rank 0 failed")
        .hasStackTraceContaining("it has closed the connection");
  }

  /** Whatever else knocks is sent away, and the ranks meet all the same. */
  @Test
  void strangersAreTurnedAway() throws Exception {
    SocketRanks.Door first = SocketRanks.open(2);
    SocketRanks.Door second = SocketRanks.open(2);
    List<String> addresses = List.of(first.address(), second.address());
    int port = Integer.parseInt(addresses.get(0).split(" ", -1)[0]);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<Ranks> zero = threads.submit(() -> new SocketRanks(0, first, addresses, TOKEN));
      String wrong = "x" + TOKEN.substring(1);
      assertThat(knock(port, wrong, 0, 1)).as("a wrong token").isEqualTo(-1);
      assertThat(knock(port, TOKEN, 3, 1)).as("meant for rank 3").isEqualTo(-1);
      assertThat(knock(port, TOKEN, 0, 2)).as("a rank too many").isEqualTo(-1);
      assertThat(knock(port, TOKEN, 0, 0)).as("rank 0 itself").isEqualTo(-1);
      Future<Ranks> one = threads.submit(() -> new SocketRanks(1, second, addresses, TOKEN));
      one.get(30, TimeUnit.SECONDS).close();
      zero.get(30, TimeUnit.SECONDS).close();
    } finally {
      threads.shutdownNow();
    }
  }

  /** The answer's first byte. */
  private static int knock(int port, String token, int to, int from) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(20_000);
      ByteBuffer hello = ByteBuffer.allocate(72);
      hello.put(token.getBytes(StandardCharsets.US_ASCII)).putInt(to).putInt(from);
      socket.getOutputStream().write(hello.array());
      InputStream in = socket.getInputStream();
      return in.read();
    }
  }
}
