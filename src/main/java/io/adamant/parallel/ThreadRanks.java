package io.adamant.parallel;

import io.adamant.tensor.TensorMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.SynchronousQueue;
import java.util.stream.IntStream;

/** Threads of one process as ranks, for tests and for understanding; tensors are on the CPU. */
public final class ThreadRanks implements Ranks {

  private final int rank;
  private final List<List<SynchronousQueue<byte[]>>> letters; // from, to

  private ThreadRanks(int rank, List<List<SynchronousQueue<byte[]>>> letters) {
    this.rank = rank;
    this.letters = letters;
  }

  /**
   * Ranks that know each other.
   *
   * @param size how many
   * @return one for each thread
   */
  public static List<Ranks> of(int size) {
    List<List<SynchronousQueue<byte[]>>> letters = new ArrayList<>();
    for (int from = 0; from < size; from++) {
      letters.add(IntStream.range(0, size).mapToObj(to -> new SynchronousQueue<byte[]>()).toList());
    }
    return IntStream.range(0, size)
        .<Ranks>mapToObj(rank -> new ThreadRanks(rank, letters))
        .toList();
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return letters.size();
  }

  @Override
  public void exchange(TensorMemory out, TensorMemory in, int peer) {
    if (rank < peer) {
      send(out, peer);
      receive(in, peer);
    } else {
      byte[] bytes = read(out);
      receive(in, peer);
      put(bytes, peer);
    }
  }

  @Override
  public void broadcast(TensorMemory memory, int root) {
    if (rank == root) {
      IntStream.range(0, size()).filter(to -> to != root).forEach(to -> send(memory, to));
    } else {
      receive(memory, root);
    }
  }

  private static byte[] read(TensorMemory memory) {
    return memory.pointer().getByteArray(0, Math.toIntExact(memory.bytes()));
  }

  private void send(TensorMemory out, int peer) {
    put(read(out), peer);
  }

  private void put(byte[] bytes, int peer) {
    try {
      letters.get(rank).get(peer).put(bytes);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private void receive(TensorMemory in, int peer) {
    try {
      byte[] bytes = letters.get(peer).get(rank).take();
      if (bytes.length != in.bytes()) {
        throw new IllegalStateException(
            "rank %s sends %s bytes, rank %s wants %s"
                .formatted(peer, bytes.length, rank, in.bytes()));
      }
      in.pointer().write(0, bytes, 0, bytes.length);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting for another rank", e);
  }

  @Override
  public void close() {}
}
