package io.adamant.parallel;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import io.adamant.base.InputException;
import io.adamant.tensor.GpuContext;
import io.adamant.tensor.TensorMemory;
import java.util.OptionalInt;

/**
 * Ranks over NVIDIA's NCCL, each with a GPU of its own. Exchanges are queued on the stream on which
 * libtorch computes, so that what is computed before and after comes in order, and no call waits
 * for the GPU.
 *
 * <p>Only what moves bytes is used: NCCL's own sums are added in an order that follows the number
 * of GPUs and how they are connected. Source: NVIDIA, "NCCL documentation", API of communicators,
 * collective and point-to-point communication.
 */
public final class NcclRanks implements Ranks {

  /** Environment variable with the library's file, where another one would be found. */
  public static final String LIBRARY = "ADAMANT_NCCL";

  /** Length of an id. */
  public static final int ID_BYTES = 128;

  private static final int UINT8 = 1; // ncclUint8

  private final Nccl nccl;
  private final int rank;
  private final int size;
  private final OptionalInt gpu;
  private final Pointer communicator;
  private boolean broken;

  /**
   * Joins the others, on the GPU that this thread uses; all ranks do so.
   *
   * @param rank of this process
   * @param size how many there are
   * @param id that {@link #uniqueId} gave to one of them
   * @throws InputException if there is no NCCL
   * @throws IllegalStateException with NCCL's words if they cannot be joined
   */
  public NcclRanks(int rank, int size, byte[] id) {
    this(rank, size, id, OptionalInt.empty());
  }

  /**
   * The same on a GPU.
   *
   * @param rank of this process
   * @param size how many there are
   * @param id that {@link #uniqueId} gave to one of them
   * @param gpu its number; empty for what this thread uses, with CUDA's default stream
   * @throws InputException if there is no NCCL
   * @throws IllegalStateException with NCCL's words if they cannot be joined
   */
  public NcclRanks(int rank, int size, byte[] id, OptionalInt gpu) {
    this(Nccl.find(System.getenv()), rank, size, id, gpu);
  }

  NcclRanks(Nccl nccl, int rank, int size, byte[] id, OptionalInt gpu) {
    if (id.length != ID_BYTES) {
      throw new IllegalArgumentException("an id of " + id.length + " bytes");
    }
    this.nccl = nccl;
    this.rank = rank;
    this.size = size;
    this.gpu = gpu;
    gpu.ifPresent(GpuContext::select);
    Nccl.UniqueId.Value value = new Nccl.UniqueId.Value();
    System.arraycopy(id, 0, value.internal, 0, ID_BYTES);
    PointerByReference made = new PointerByReference();
    nccl.call("ncclCommInitRank", made, size, value, rank);
    communicator = made.getValue();
  }

  /**
   * An id by which ranks find each other: one of them asks for it and tells it the others.
   *
   * @return {@link #ID_BYTES} bytes
   * @throws InputException if there is no NCCL
   */
  public static byte[] uniqueId() {
    return uniqueId(Nccl.find(System.getenv()));
  }

  static byte[] uniqueId(Nccl nccl) {
    Nccl.UniqueId id = new Nccl.UniqueId();
    nccl.call("ncclGetUniqueId", id);
    return id.internal;
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
  }

  Pointer communicator() {
    return communicator;
  }

  private Pointer stream() {
    return gpu.isPresent() ? GpuContext.stream(gpu.getAsInt()) : null;
  }

  /** A communicator in which a call has failed is of no use any more. */
  private void call(String name, Object... arguments) {
    try {
      nccl.call(name, arguments);
    } catch (IllegalStateException e) {
      broken = true;
      throw e;
    }
  }

  @Override
  public void exchange(TensorMemory out, TensorMemory in, int peer) {
    if (out.bytes() == 0 && in.bytes() == 0) {
      return;
    }
    Pointer stream = stream();
    call("ncclGroupStart"); // else each would wait for the other's
    if (out.bytes() > 0) {
      call("ncclSend", out.pointer(), out.bytes(), UINT8, peer, communicator, stream);
    }
    if (in.bytes() > 0) {
      call("ncclRecv", in.pointer(), in.bytes(), UINT8, peer, communicator, stream);
    }
    call("ncclGroupEnd");
  }

  @Override
  public void broadcast(TensorMemory memory, int root) {
    if (memory.bytes() > 0) {
      call(
          "ncclBroadcast",
          memory.pointer(),
          memory.pointer(),
          memory.bytes(),
          UINT8,
          root,
          communicator,
          stream());
    }
  }

  @Override
  public void close() {
    nccl.call(broken ? "ncclCommAbort" : "ncclCommDestroy", communicator);
  }
}
