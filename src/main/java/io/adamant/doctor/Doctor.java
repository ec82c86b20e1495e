package io.adamant.doctor;

import static io.adamant.doctor.Finding.note;
import static io.adamant.doctor.Finding.ok;
import static io.adamant.doctor.Finding.problem;

import ai.djl.Device;
import io.adamant.base.InputException;
import io.adamant.config.Precision;
import io.adamant.config.RunConfig;
import io.adamant.tensor.CpuFeatures;
import io.adamant.tensor.Devices;
import io.adamant.tensor.EngineFit;
import io.adamant.tensor.EngineInfo;
import io.adamant.tensor.Gpu;
import io.adamant.train.Training;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Judges a machine: what it offers for training, what it lacks, and what would help. */
public final class Doctor {

  /** Instruction sets on which speed depends, the best last. */
  private static final List<String> TELLING_FLAGS =
      List.of("avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "sve", "bf16");

  private static final long GIB = 1L << 30;
  private static final long MIN_FREE = GIB;
  private static final long MIN_MEMORY = 4 * GIB;

  private Doctor() {}

  /**
   * Examines a machine.
   *
   * @param machine its facts
   * @param device what a training would ask for: {@code auto, cpu, cuda} or {@code cuda:N}
   * @return what was found, in the order of listings
   * @throws InputException if the device is none of these words
   */
  public static List<Finding> examine(Environment machine, String device) {
    Devices.requireKnown(device);
    List<Finding> findings = new ArrayList<>();
    findings.add(ok("Java", machine.java()));
    JvmOptions.judge(machine.options()).ifPresent(findings::add);
    findings.add(ok("system", machine.system()));
    findings.add(processor(machine.cpu(), machine.cores()));
    findings.add(memory(machine));
    machine
        .engine()
        .ifPresentOrElse(
            engine -> findings.addAll(engine(machine, engine, device)),
            () -> findings.addAll(broken(machine)));
    machine.folders().forEach(folder -> findings.add(folder(folder)));
    return List.copyOf(findings);
  }

  /**
   * Judges whether a run can be trained on a machine, as far as that depends on the machine.
   *
   * @param machine its facts
   * @param run as read
   * @return one finding
   */
  public static Finding configuration(Environment machine, RunConfig run) {
    String topic = "configuration";
    if (machine.engine().isEmpty()) {
      return problem(topic, "cannot be judged without an engine", "");
    }
    try {
      Device device = Devices.select(run.training().device(), machine.engine().get().cuda());
      boolean slow =
          run.training().precision() == Precision.BF16
              && !(device.isGpu() ? gpuHasBf16(machine, device) : machine.cpu().bf16());
      String text = Training.kernels(run, machine.cpu(), device) + " kernels";
      return slow
          ? note(
              topic,
              text,
              "training.precision is bf16, which this device does not support" + " in hardware")
          : ok(topic, text);
    } catch (InputException e) {
      return problem(topic, e.getMessage(), "");
    }
  }

  private static boolean gpuHasBf16(Environment machine, Device device) {
    // Where nobody describes the GPU, the run will tell.
    return machine.cuda().gpus().stream()
        .filter(gpu -> gpu.index() == device.getDeviceId())
        .allMatch(Gpu::bf16);
  }

  private static Finding processor(CpuFeatures cpu, int cores) {
    String flags =
        TELLING_FLAGS.stream().filter(cpu.flags()::contains).collect(Collectors.joining(" "));
    String text =
        "%s, %s core%s; %s"
            .formatted(
                cpu.model(), cores, cores == 1 ? "" : "s", flags.isEmpty() ? "no flags" : flags);
    return cpu.bf16()
        ? ok("processor", text)
        : note(
            "processor",
            text,
            "no bfloat16 in hardware: training.precision: bf16 will be slower than fp32 on "
                + "the CPU");
  }

  private static Finding memory(Environment machine) {
    String heap = gib(machine.maxHeap()) + " for Java's heap";
    if (machine.memory().isEmpty()) {
      return ok("memory", heap);
    }
    long bytes = machine.memory().getAsLong();
    String text = gib(bytes) + ", of that up to " + heap;
    return bytes >= MIN_MEMORY
        ? ok("memory", text)
        : note("memory", text, "below 4 GiB only small models fit");
  }

  private static List<Finding> engine(Environment machine, EngineInfo engine, String device) {
    List<Finding> findings = new ArrayList<>();
    findings.add(ok("DJL", engine.djlVersion()));
    findings.add(libtorch(engine));
    findings.add(nativeLibrary(machine, engine));
    findings.add(threads(engine.threads(), machine.cores()));
    findings.addAll(new CudaDoctor(machine.cuda(), engine, device).findings());
    try {
      Device selected = Devices.select(device, engine.cuda());
      String name = selected.isGpu() ? "cuda:" + selected.getDeviceId() : "cpu";
      findings.add(ok("device", device.equals(name) ? name : device + " is " + name));
      findings.add(fit(machine.fit()));
      findings.add(check(machine, selected, name));
    } catch (InputException e) {
      findings.add(problem("device", e.getMessage(), ""));
    }
    return findings;
  }

  /** An engine that does not load, or must not be loaded. */
  private static List<Finding> broken(Environment machine) {
    if (machine.fit().outcome() == EngineFit.Outcome.UNLOADABLE) {
      return List.of(problem("libtorch", "cannot be loaded: " + machine.engineFailure(), ""));
    } else if (machine.fit().outcome() != EngineFit.Outcome.MISFIT) {
      return List.of(
          problem(
              "libtorch",
              "cannot be loaded: " + machine.engineFailure(),
              "check that DJL's cache, below, is writable and has enough space"));
    }
    List<Finding> findings = new ArrayList<>();
    machine.fit().files().forEach(file -> findings.add(note("library", file.toString(), "")));
    findings.add(fit(machine.fit()));
    return findings;
  }

  private static Finding libtorch(EngineInfo engine) {
    String text = engine.libtorchVersion() + " in " + engine.libtorch();
    String builtFor = engine.builtFor().orElse(engine.libtorchVersion());
    return builtFor.equals(engine.libtorchVersion())
        ? ok("libtorch", text)
        : note(
            "libtorch",
            text,
            "DJL's bundled native library is made for " + builtFor + "; the check below decides");
  }

  /** Which bridge DJL took, and where a user's own would be looked for. */
  private static Finding nativeLibrary(Environment machine, EngineInfo engine) {
    String text = machine.cuda().jni().map(Path::toString).orElse("unknown place");
    return engine.builtFor().filter(v -> !v.equals(engine.libtorchVersion())).isEmpty()
        ? ok("JNI library", text)
        : note(
            "JNI library",
            text,
            "one made for libtorch %s may be brought as %s/%s-libdjl_torch.so in that libtorch's folder"
                .formatted(engine.libtorchVersion(), engine.libtorch(), engine.djlVersion()));
  }

  private static Finding fit(EngineFit.Proof fit) {
    return switch (fit.outcome()) {
      case FITS ->
          ok(
              "fit",
              "libtorch and DJL's native library fit, as tested in a separate process"
                  + (fit.remembered() ? " earlier" : ""));
      case UNKNOWN -> note("fit", fit.detail(), "the check below decides alone");
      case MISFIT, UNLOADABLE ->
          problem(
              "fit",
              "libtorch and DJL's native library do not fit: " + fit.detail(),
              "unset PYTORCH_LIBRARY_PATH and PYTORCH_VERSION, bring a native library made "
                  + "for this libtorch, or"
                  + " empty DJL's cache");
    };
  }

  private static Finding threads(int threads, int cores) {
    String text = threads + " in an operator, for " + cores + " cores";
    return threads <= cores
        ? ok("threads", text)
        : note("threads", text, "more threads than cores slow each other; see training.threads");
  }

  private static Finding check(Environment machine, Device device, String name) {
    return machine
        .check()
        .apply(device)
        .map(
            wrong ->
                problem(
                    "check",
                    wrong,
                    "libtorch and DJL's native library do not fit; unset PYTORCH_LIBRARY_PATH and"
                        + " PYTORCH_VERSION, or empty DJL's cache"))
        .orElseGet(() -> ok("check", "shapes, values and gradients are right on " + name));
  }

  private static Finding folder(Folder folder) {
    String text =
        "%s%s, %s free"
            .formatted(
                folder.path(),
                folder.exists() ? "" : " (made at need)",
                folder.freeBytes() < 0 ? "unknown" : gib(folder.freeBytes()));
    if (!folder.writable()) {
      return folder.needed()
          ? problem(folder.name(), text, "it may not be written")
          : note(folder.name(), text, "it may not be written, so Adamant cannot be built here");
    }
    return folder.freeBytes() < 0 || folder.freeBytes() >= MIN_FREE
        ? ok(folder.name(), text)
        : note(folder.name(), text, "less than 1 GiB is free");
  }

  private static String gib(long bytes) {
    return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) GIB);
  }
}
