package io.adamant.doctor;

import static io.adamant.doctor.Finding.note;
import static io.adamant.doctor.Finding.ok;
import static io.adamant.doctor.Finding.problem;

import io.adamant.tensor.CudaView;
import io.adamant.tensor.EngineInfo;
import io.adamant.tensor.Gpu;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Judges the way from DJL to a GPU. Each trap on it that is known has a line with what to do; DJL
 * itself falls back to the CPU in all of them, without a word.
 */
final class CudaDoctor {

  /** A folder of links has six libraries or so, a whole torch/lib dozens. */
  private static final int MANY_LIBRARIES = 12;

  private final CudaFacts facts;
  private final EngineInfo engine;
  private final CudaView view;
  private final String device;

  /** For the engine that was loaded and the device that a training would ask for. */
  CudaDoctor(CudaFacts facts, EngineInfo engine, String device) {
    this.facts = facts;
    this.engine = engine;
    this.view = engine.cuda();
    this.device = device;
  }

  /** What is to be said, in the order of listings. */
  List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    findings.add(cuda());
    facts.gpus().forEach(gpu -> findings.add(gpu(gpu)));
    cudart().ifPresent(findings::add);
    flavor().ifPresent(findings::add);
    libraryPath().ifPresent(findings::add);
    version().ifPresent(findings::add);
    tf32().ifPresent(findings::add);
    tokenizers().ifPresent(findings::add);
    fallback().ifPresent(findings::add);
    return findings;
  }

  private boolean hasGpu() {
    return view.driver() || !facts.gpus().isEmpty();
  }

  /** What hinders a GPU is a problem where one is asked for by name. */
  private Finding hindrance(String topic, String text, String advice) {
    return device.startsWith("cuda") ? problem(topic, text, advice) : note(topic, text, advice);
  }

  private Finding cuda() {
    Optional<String> obstacle = view.obstacle();
    if (obstacle.isEmpty()) {
      return ok("CUDA", "runtime %s, GPUs: %s".formatted(view.runtime().orElse("?"), view.gpus()));
    }
    // Without a driver there is nothing to repair.
    return hasGpu()
        ? hindrance("CUDA", "not usable: " + obstacle.get(), advice())
        : ok("CUDA", "none: " + obstacle.get());
  }

  private String advice() {
    if (!view.driver()) {
      return "nvidia-smi lists a GPU, but no driver is visible here: give the container its device files";
    } else if (!view.cudaLibtorch() && facts.cpuJar()) {
      return "a jar with libtorch for the CPU wins over CUDA in DJL: set ADAMANT_LIBTORCH=cuda for ./adamant, or"
          + " build with mvn -Pcuda package";
    } else if (!view.cudaLibtorch()) {
      return "set PYTORCH_FLAVOR=cu128, and PYTORCH_LIBRARY_PATH to a folder with a CUDA build of libtorch "
          + engine.builtFor().orElse("")
          + " if there is one here";
    } else if (view.runtime().isEmpty()) {
      return missingRuntime();
    }
    return "see nvidia-smi and CUDA_VISIBLE_DEVICES"
        + (facts.variable("CUDA_VISIBLE_DEVICES").isEmpty()
            ? ""
            : " (it is " + facts.variable("CUDA_VISIBLE_DEVICES") + ")")
        + "; a driver older than the runtime sees none";
  }

  private String missingRuntime() {
    // libtorch brings a runtime of its own, which DJL does not see under its name.
    Optional<Path> there = facts.otherCudart().stream().findFirst().or(facts::cudart);
    return there.isEmpty()
        ? "install the CUDA runtime (pip: nvidia-cuda-runtime-cu12) and put the folder with libcudart.so (that very"
            + " name) on LD_LIBRARY_PATH"
        : "mkdir -p ~/cudart && ln -s %s ~/cudart/libcudart.so, and put ~/cudart on LD_LIBRARY_PATH: DJL looks for that very name"
            .formatted(there.get());
  }

  private static Finding gpu(Gpu gpu) {
    String topic = "GPU " + gpu.index();
    return gpu.bf16()
        ? ok(topic, gpu.describe() + ", bfloat16 in hardware")
        : note(
            topic,
            gpu.describe(),
            "no bfloat16 in hardware (from 8.0 on): training.precision: bf16 will be slow or fail");
  }

  private Optional<Finding> cudart() {
    if (view.runtime().isEmpty()) {
      return Optional.empty(); // the line on CUDA says it
    }
    String text =
        view.runtime().get() + " in " + facts.cudart().map(Path::toString).orElse("unknown place");
    Optional<String> wanted = facts.flavorVersion();
    if (wanted.isPresent() && version(view.runtime().get()) < version(wanted.get())) {
      return Optional.of(
          hindrance(
              "cudart",
              text + ", older than the flavor " + facts.flavor().orElse(""),
              "DJL takes the CPU with it: put a libcudart.so of CUDA %s or later first on LD_LIBRARY_PATH"
                  .formatted(wanted.get())));
    }
    return Optional.of(ok("cudart", text));
  }

  private static double version(String text) {
    String[] parts = text.split("\\.", -1);
    try {
      return Integer.parseInt(parts[0]) * 100.0 + Integer.parseInt(parts[1]);
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return 0;
    }
  }

  private Optional<Finding> flavor() {
    boolean own = !facts.variable("PYTORCH_LIBRARY_PATH").isEmpty();
    if (own && facts.variable("PYTORCH_FLAVOR").isEmpty()) {
      return Optional.of(
          hindrance(
              "flavor",
              "PYTORCH_LIBRARY_PATH is set and PYTORCH_FLAVOR is not: DJL guesses",
              view.cudaLibtorch()
                  ? "set PYTORCH_FLAVOR=cu128, or the one that this libtorch is built for"
                  : "set PYTORCH_FLAVOR=cpu for this libtorch, which is built for the CPU"));
    }
    Optional<String> flavor = facts.flavor();
    if (hasGpu() && view.cudaLibtorch() && flavor.isPresent() && !flavor.get().contains("cu")) {
      return Optional.of(
          hindrance(
              "flavor",
              flavor.get() + ", with which DJL skips the CUDA libraries",
              "set PYTORCH_FLAVOR=cu128"));
    }
    return flavor.map(name -> ok("flavor", name));
  }

  private Optional<Finding> libraryPath() {
    String path = facts.variable("PYTORCH_LIBRARY_PATH");
    if (path.isEmpty()) {
      return Optional.empty();
    } else if (!facts.librariesInPath().contains("libtorch.so")) {
      return Optional.of(
          note(
              "libtorch path",
              "PYTORCH_LIBRARY_PATH is " + path + ", where there is no libtorch.so: DJL ignores it",
              "name the folder that holds libtorch.so"));
    } else if (facts.librariesInPath().size() > MANY_LIBRARIES) {
      return Optional.of(
          note(
              "libtorch path",
              "%s holds %s libraries, and DJL loads nearly all"
                  .formatted(path, facts.librariesInPath().size()),
              "point PYTORCH_LIBRARY_PATH at a folder of links to libtorch, libtorch_cpu, libtorch_cuda, libc10,"
                  + " libc10_cuda and libcaffe2_nvrtc"));
    }
    return Optional.of(ok("libtorch path", path));
  }

  private Optional<Finding> version() {
    String asked = facts.variable("PYTORCH_VERSION");
    if (asked.isEmpty() || engine.builtFor().filter(v -> !v.equals(asked)).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        note(
            "PYTORCH_VERSION",
            asked + ", and DJL's bundled native library is made for " + engine.builtFor().get(),
            "use libtorch "
                + engine.builtFor().get()
                + ", or bring a native library made for "
                + asked
                + "; the fit below decides"));
  }

  private Optional<Finding> tf32() {
    String nvidia = facts.variable("NVIDIA_TF32_OVERRIDE");
    String torch = facts.variable("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE");
    if (!hasGpu() && nvidia.isEmpty() && torch.isEmpty()) {
      return Optional.empty();
    }
    if (nvidia.equals("1")) {
      return Optional.of(
          note(
              "TF32",
              "NVIDIA_TF32_OVERRIDE=1 puts it into all float32 products, whatever training.tf32 says",
              "unset it; training.tf32: true asks for TF32 where it is wanted"));
    } else if (nvidia.equals("0")) {
      return Optional.of(
          ok("TF32", "forbidden by NVIDIA_TF32_OVERRIDE=0, also where training.tf32 is true"));
    } else if (facts.tf32().isEmpty()) {
      return Optional.of(
          note(
              "TF32",
              "libtorch's switch cannot be reached",
              "training.tf32: true will be refused with this libtorch"));
    }
    return Optional.of(
        ok(
            "TF32",
            "off unless training.tf32 is true"
                + (torch.equals("1")
                    ? "; TORCH_ALLOW_TF32_CUBLAS_OVERRIDE=1 is overruled at each start"
                    : "")));
  }

  private Optional<Finding> tokenizers() {
    return hasGpu() && !facts.variable("RUST_FLAVOR").equals("cpu")
        ? Optional.of(
            note(
                "tokenizers",
                "on a CUDA machine they may download a library of their own",
                "set RUST_FLAVOR=cpu, as ./adamant does"))
        : Optional.empty();
  }

  /** The trap behind all others: training goes on, fifty times slower. */
  private Optional<Finding> fallback() {
    return device.equals("auto") && hasGpu() && view.obstacle().isPresent()
        ? Optional.of(
            note(
                "fallback",
                "auto means cpu here although the machine has a GPU",
                "training.device: cuda refuses to start instead of falling back"))
        : Optional.empty();
  }
}
