package io.adamant.parallel;

import com.sun.jna.Function;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import io.adamant.base.InputException;
import io.adamant.tensor.TensorMemory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Ranks over MPI, whose library is the system's: OpenMPI's, or one of MPICH's ABI such as Intel
 * MPI's. Tensors are on the CPU.
 */
public final class MpiRanks implements Ranks {

  /** Environment variable with the library's file, where the system's linker would find another. */
  public static final String LIBRARY = "ADAMANT_MPI";

  private static final List<String> OPEN_MPI = List.of("libmpi.so.40", "libmpi.so.80");
  private static final List<String> MPICH =
      List.of("libmpich.so.12", "libmpi.so.12", "libmpi.so.13");
  private static final int RTLD_LAZY_GLOBAL = 0x101; // OpenMPI's own plug-ins look for its symbols
  private static final long MOST = 1 << 26; // bytes at a time: counts are ints
  private static final long SPIN = 20_000_000; // nanoseconds: then the other is busy with something
  private static final long REST = 50_000;

  private final Function send;
  private final Function receive;
  private final Function test;
  private final Function broadcast;
  private final Function end;
  private final Object world;
  private final Object bytes;
  private final Pointer ignored; // MPI_STATUSES_IGNORE
  private final Memory requests = new Memory(2L * Native.POINTER_SIZE);
  private final IntByReference done = new IntByReference();
  private final int requestBytes;
  private final boolean patient; // more ranks than processors: whoever waits gives way
  private final int rank;
  private final int size;

  /**
   * Joins the others.
   *
   * @param environment what the launcher says
   * @throws InputException if there is no MPI library, or it knows of another number of ranks than
   *     the launcher, as one of another MPI does
   */
  public MpiRanks(RankEnvironment environment) {
    patient = environment.localSize() > Runtime.getRuntime().availableProcessors();
    quietUcx();
    NativeLibrary library = load(environment, System.getenv().getOrDefault(LIBRARY, ""));
    boolean open = isOpenMpi(library);
    world = open ? library.getGlobalVariableAddress("ompi_mpi_comm_world") : (Object) 0x44000000;
    bytes = open ? library.getGlobalVariableAddress("ompi_mpi_byte") : (Object) 0x4c00010d;
    ignored = open ? Pointer.NULL : new Pointer(1);
    send = library.getFunction("MPI_Isend");
    receive = library.getFunction("MPI_Irecv");
    test = library.getFunction("MPI_Testall");
    requestBytes = open ? Native.POINTER_SIZE : Integer.BYTES;
    broadcast = library.getFunction("MPI_Bcast");
    end = library.getFunction("MPI_Finalize");
    call(library.getFunction("MPI_Init"), Pointer.NULL, Pointer.NULL);
    rank = ask(library.getFunction("MPI_Comm_rank"));
    size = ask(library.getFunction("MPI_Comm_size"));
    if (rank != environment.rank() || size != environment.size()) {
      throw new InputException(
          "%s started rank %s of %s, but %s says rank %s of %s: it is the library of another MPI; start with its own mpirun (under srun also --mpi=pmix), set %s to the library's file, or do without MPI by ADAMANT_RANKS=tcp"
              .formatted(
                  environment.launcher().word(),
                  environment.rank(),
                  environment.size(),
                  library.getFile() == null ? library.getName() : library.getFile(),
                  rank,
                  size,
                  LIBRARY));
    }
  }

  /**
   * UCX, which some builds of MPI use, would take the signal by which the Java machine notices null
   * pointers; the next one would kill the process.
   */
  private static void quietUcx() {
    NativeLibrary.getProcess()
        .getFunction("setenv")
        .invokeInt(new Object[] {"UCX_ERROR_SIGNALS", "", 0});
  }

  private static NativeLibrary load(RankEnvironment environment, String asked) {
    List<String> names =
        !asked.isEmpty()
            ? List.of(asked)
            : switch (environment.launcher()) {
              case OPEN_MPI -> OPEN_MPI;
              case HYDRA -> MPICH;
              case SRUN, TORCHRUN -> List.of(OPEN_MPI.get(0), MPICH.get(0), MPICH.get(1));
            };
    for (String name : names) {
      Optional<NativeLibrary> library = ifThere(name);
      if (library.isPresent()) {
        return library.get();
      }
    }
    throw new InputException(
        "no MPI library is found (%s): install the one of %s, or set %s to its file"
            .formatted(String.join(", ", names), environment.launcher().word(), LIBRARY));
  }

  private static Optional<NativeLibrary> ifThere(String name) {
    try {
      return Optional.of(
          NativeLibrary.getInstance(name, Map.of(Library.OPTION_OPEN_FLAGS, RTLD_LAZY_GLOBAL)));
    } catch (UnsatisfiedLinkError e) {
      return Optional.empty();
    }
  }

  private static boolean isOpenMpi(NativeLibrary library) {
    try {
      library.getGlobalVariableAddress("ompi_mpi_comm_world");
      return true;
    } catch (UnsatisfiedLinkError e) {
      return false;
    }
  }

  private int ask(Function function) {
    IntByReference answer = new IntByReference();
    call(function, world, answer);
    return answer.getValue();
  }

  /** MPI itself ends the program at an error, unless it is told otherwise. */
  private static void call(Function function, Object... arguments) {
    int error = function.invokeInt(arguments);
    if (error != 0) {
      throw new IllegalStateException(function.getName() + " failed with error " + error);
    }
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public void exchange(TensorMemory out, TensorMemory in, int peer) {
    Pointer sending = requests;
    Pointer receiving = requests.share(requestBytes);
    int length = Math.toIntExact(in.bytes());
    call(receive, in.pointer(), length, bytes, peer, 0, world, receiving);
    length = Math.toIntExact(out.bytes());
    call(send, out.pointer(), length, bytes, peer, 0, world, sending);
    long begun = System.nanoTime();
    while (true) {
      call(test, 2, requests, done, ignored);
      if (done.getValue() != 0) {
        return;
      }
      if (patient || System.nanoTime() - begun > SPIN) {
        LockSupport.parkNanos(REST);
      } else {
        Thread.onSpinWait();
      }
    }
  }

  @Override
  public void broadcast(TensorMemory memory, int root) {
    for (long offset = 0; offset < memory.bytes(); offset += MOST) {
      TensorMemory part = memory.part(offset, Math.min(MOST, memory.bytes() - offset));
      call(broadcast, part.pointer(), Math.toIntExact(part.bytes()), bytes, root, world);
    }
  }

  @Override
  public void close() {
    call(end);
  }
}
