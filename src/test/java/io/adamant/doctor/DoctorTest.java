package io.adamant.doctor;

import static io.adamant.doctor.Finding.Level.NOTE;
import static io.adamant.doctor.Finding.Level.OK;
import static io.adamant.doctor.Finding.Level.PROBLEM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.djl.Device;
import io.adamant.base.InputException;
import io.adamant.config.RunConfig;
import io.adamant.tensor.CpuFeatures;
import io.adamant.tensor.CudaView;
import io.adamant.tensor.EngineFit;
import io.adamant.tensor.EngineInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {

  private static final long GIB = 1L << 30;

  /** A machine on which all is well; each test changes one thing. */
  private static final class Machine {
    Set<String> flags = Set.of("avx2", "avx512f", "avx512_bf16", "fpu");
    Map<String, String> options = Map.of();
    OptionalLong memory = OptionalLong.of(16 * GIB);
    List<Folder> folders = List.of(new Folder("results", Path.of("/r"), true, true, true, 9 * GIB));
    String libtorch = "2.7.1";
    int threads = 2;
    CudaView cuda = CudaView.NONE;
    String engineFailure = "";
    Function<Device, Optional<String>> check = device -> Optional.empty();
    EngineFit.Proof fit = new EngineFit.Proof(EngineFit.Outcome.FITS, "", true, List.of());
    CudaFacts facts =
        new CudaFacts(
            Map.of(),
            true,
            Optional.of(Path.of("/djl/2.7.1-20250812-cpu-linux-x86_64/0.35.1-libdjl_torch.so")),
            Optional.empty(),
            List.of(),
            List.of(),
            Optional.of(false),
            List.of());

    boolean says(String topic, String device) {
      return examine(device).stream().anyMatch(finding -> finding.topic().equals(topic));
    }

    Finding finding(String topic, String device) {
      return examine(device).stream()
          .filter(finding -> finding.topic().equals(topic))
          .findFirst()
          .orElseThrow();
    }

    List<Finding> examine(String device) {
      return Doctor.examine(environment(), device);
    }

    Environment environment() {
      Optional<EngineInfo> engine =
          Optional.of(
                  new EngineInfo(
                      "0.35.1", libtorch, Path.of("/torch"), Optional.of("2.7.1"), threads, cuda))
              .filter(info -> engineFailure.isEmpty());
      return new Environment(
          "17.0.15 (Debian) in /jdk",
          options,
          "Linux 6.1, amd64",
          new CpuFeatures("amd64", "A Fast One", flags),
          2,
          memory,
          4 * GIB,
          folders,
          engine,
          engineFailure,
          check,
          fit,
          facts);
    }
  }

  @Test
  void optionsForTheJvmAreShownWithTheGuaranteeThatTheyCost() {
    Machine machine = new Machine();
    machine.options = Map.of("JAVA_TOOL_OPTIONS", "-Dx=y");
    assertThat(machine.finding("JVM options", "cpu"))
        .isEqualTo(new Finding(OK, "JVM options", "JAVA_TOOL_OPTIONS=-Dx=y", ""));

    machine.options =
        Map.of("_JAVA_OPTIONS", " -Xrs ", "JDK_JAVA_OPTIONS", "-Dx=y -XX:+UseShenandoahGC");
    assertThat(machine.finding("JVM options", "cpu"))
        .isEqualTo(
            new Finding(
                NOTE,
                "JVM options",
                "JDK_JAVA_OPTIONS=-Dx=y -XX:+UseShenandoahGC, _JAVA_OPTIONS=-Xrs",
                "with -XX:+UseShenandoahGC it is not promised that the memory of a training stays"
                    + " flat; with -Xrs it is not promised that Ctrl-C and TERM save a"
                    + " checkpoint"));
  }

  @Test
  void aGoodMachineHasNothingButGoodFindings() {
    List<Finding> findings = new Machine().examine("auto");

    assertThat(findings).allMatch(finding -> finding.level() == OK);
    assertThat(findings).allMatch(finding -> finding.advice().isEmpty());
    assertThat(findings)
        .extracting(Finding::topic)
        .containsExactly(
            "Java",
            "system",
            "processor",
            "memory",
            "DJL",
            "libtorch",
            "JNI library",
            "threads",
            "CUDA",
            "flavor",
            "device",
            "fit",
            "check",
            "results");
    assertThat(findings)
        .extracting(Finding::text)
        .contains(
            "A Fast One, 2 cores; avx2 avx512f avx512_bf16",
            "16.0 GiB, of that up to 4.0 GiB for Java's heap",
            "2.7.1 in /torch",
            "auto is cpu",
            "/r, 9.0 GiB free");
  }

  @Test
  void aProcessorWithoutBfloat16IsNoted() {
    Machine machine = new Machine();
    machine.flags = Set.of("avx2");

    assertThat(machine.finding("processor", "cpu").level()).isEqualTo(NOTE);
    assertThat(machine.finding("processor", "cpu").advice()).contains("bf16 will be slower");
  }

  @Test
  void littleOrUnknownMemory() {
    Machine machine = new Machine();
    machine.memory = OptionalLong.of(2 * GIB);
    assertThat(machine.finding("memory", "cpu").level()).isEqualTo(NOTE);

    machine.memory = OptionalLong.empty();
    assertThat(machine.finding("memory", "cpu"))
        .isEqualTo(Finding.ok("memory", "4.0 GiB for Java's heap"));
  }

  @Test
  void cudaOnAMachineWithoutOneIsAProblemWithItsReason() {
    Machine machine = new Machine();

    assertThat(machine.finding("CUDA", "cuda").level()).isEqualTo(OK);
    assertThat(machine.finding("device", "cuda").level()).isEqualTo(PROBLEM);
    assertThat(machine.finding("device", "cuda").text()).contains("no NVIDIA driver");
  }

  @Test
  void theCheckRunsOnTheSelectedDevice() {
    Machine machine = new Machine();
    machine.cuda = new CudaView(true, true, Optional.of("12.8"), 2);
    List<Device> checked = new ArrayList<>();
    machine.check =
        device -> {
          checked.add(device);
          return Optional.empty();
        };

    assertThat(machine.finding("device", "cuda:1").text()).isEqualTo("cuda:1");
    assertThat(machine.finding("CUDA", "auto").text()).isEqualTo("runtime 12.8, GPUs: 2");
    assertThat(checked).containsExactly(Device.gpu(1), Device.gpu(0));
  }

  @Test
  void anEngineThatComputesWrongIsAProblem() {
    Machine machine = new Machine();
    machine.libtorch = "2.10.0";
    machine.check = device -> Optional.of("the shape of x is (3, 2); it should be (2, 3)");

    assertThat(machine.finding("libtorch", "cpu").level()).isEqualTo(NOTE);
    assertThat(machine.finding("libtorch", "cpu").advice()).contains("made for 2.7.1");
    assertThat(machine.finding("JNI library", "cpu").level()).isEqualTo(NOTE);
    assertThat(machine.finding("JNI library", "cpu").advice())
        .contains("made for libtorch 2.10.0", "/torch/0.35.1-libdjl_torch.so");
    assertThat(machine.finding("check", "cpu").level()).isEqualTo(PROBLEM);
    assertThat(machine.finding("check", "cpu").text()).startsWith("the shape of x");
  }

  @Test
  void anEngineThatDoesNotLoadIsAProblemAndTheRestIsStillShown() {
    Machine machine = new Machine();
    machine.engineFailure = "java.lang.UnsatisfiedLinkError: no libtorch";

    assertThat(machine.finding("libtorch", "cpu").level()).isEqualTo(PROBLEM);
    assertThat(machine.finding("libtorch", "cpu").text()).contains("no libtorch");
    assertThat(machine.finding("results", "cpu").level()).isEqualTo(OK);
  }

  @Test
  void aPairThatWasProvenNotToFitIsNotLoadedAndIsAProblem() {
    Machine machine = new Machine();
    machine.engineFailure = "a process that tried them crashed, exit code 134 (abort)";
    machine.fit =
        new EngineFit.Proof(
            EngineFit.Outcome.MISFIT,
            machine.engineFailure,
            false,
            List.of(Path.of("/x/libc10.so")));

    assertThat(machine.finding("fit", "auto").level()).isEqualTo(PROBLEM);
    assertThat(machine.finding("fit", "auto").text()).contains("exit code 134");
    assertThat(machine.finding("fit", "auto").advice()).contains("PYTORCH_LIBRARY_PATH");
    assertThat(machine.finding("library", "auto").text()).isEqualTo("/x/libc10.so");
    assertThat(machine.says("check", "auto")).isFalse();
  }

  @Test
  void whatThisSystemCannotLoadIsAProblemWithItsOwnRemedy() {
    Machine machine = new Machine();
    machine.engineFailure = "no program may be loaded from /x; set DJL_CACHE_DIR";
    machine.fit =
        new EngineFit.Proof(EngineFit.Outcome.UNLOADABLE, machine.engineFailure, false, List.of());

    assertThat(machine.finding("libtorch", "auto").level()).isEqualTo(PROBLEM);
    assertThat(machine.finding("libtorch", "auto").text())
        .isEqualTo("cannot be loaded: " + machine.engineFailure);
    assertThat(machine.finding("libtorch", "auto").advice()).isEmpty();
    assertThat(machine.says("fit", "auto")).isFalse();
  }

  @Test
  void aPairThatCouldNotBeTriedIsLeftToTheCheck() {
    Machine machine = new Machine();
    machine.fit = new EngineFit.Proof(EngineFit.Outcome.UNKNOWN, "no JVM", false, List.of());

    assertThat(machine.finding("fit", "auto").level()).isEqualTo(NOTE);
    assertThat(machine.finding("check", "auto").level()).isEqualTo(OK);
  }

  @Test
  void whatAConfigurationAsksForIsJudgedForTheDevice() {
    Machine machine = new Machine();
    Environment good = machine.environment();
    RunConfig run = RunConfig.defaults();
    assertThat(Doctor.configuration(good, run).text()).isEqualTo("onednn+explicit kernels");
    assertThat(Doctor.configuration(good, run).level()).isEqualTo(OK);
    assertThat(Doctor.configuration(good, run.with("training.device", "cuda")).level())
        .isEqualTo(PROBLEM);
    Finding kernels = Doctor.configuration(good, run.with("training.kernels", "bf16+sdpa"));
    assertThat(kernels.level()).isEqualTo(PROBLEM);
    assertThat(kernels.text()).contains("training.kernels is bf16+sdpa");

    RunConfig bf16 = run.with("training.precision", "bf16");
    assertThat(Doctor.configuration(good, bf16).level()).isEqualTo(OK);
    machine.flags = Set.of("avx2");
    assertThat(Doctor.configuration(machine.environment(), bf16).level()).isEqualTo(NOTE);
    machine.engineFailure = "gone";
    assertThat(Doctor.configuration(machine.environment(), run).level()).isEqualTo(PROBLEM);
  }

  @Test
  void moreThreadsThanCoresAreNoted() {
    Machine machine = new Machine();
    machine.threads = 8;

    assertThat(machine.finding("threads", "cpu").level()).isEqualTo(NOTE);
  }

  @Test
  void foldersThatCannotBeWrittenOrAreFull() {
    Machine machine = new Machine();
    machine.folders =
        List.of(
            new Folder("results", Path.of("/r"), true, false, false, 9 * GIB),
            new Folder("cache", Path.of("/c"), true, true, true, GIB / 2),
            new Folder("Maven", Path.of("/m"), false, true, false, -1));

    assertThat(machine.finding("results", "cpu").level()).isEqualTo(PROBLEM);
    assertThat(machine.finding("results", "cpu").text()).contains("/r (made at need), 9.0 GiB");
    assertThat(machine.finding("cache", "cpu").advice()).contains("less than 1 GiB");
    assertThat(machine.finding("Maven", "cpu").level()).isEqualTo(NOTE);
    assertThat(machine.finding("Maven", "cpu").text()).contains("unknown free");
  }

  @Test
  void aWordThatIsNoDeviceIsBadInput() {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> new Machine().examine("tpu"))
        .withMessageContaining("training.device is tpu");
  }

  @Test
  void thisMachineCanTrainOnItsProcessor(@TempDir Path folder) {
    Environment here = Environment.detect(folder.resolve("results/deeper"), line -> {});

    List<Finding> findings = Doctor.examine(here, "cpu");

    assertThat(findings)
        .filteredOn(
            finding -> Set.of("device", "fit", "check", "results").contains(finding.topic()))
        .hasSize(4)
        .allMatch(finding -> finding.level() == OK);
    assertThat(here.folders().get(0).exists()).isFalse();
    assertThat(folder).isEmptyDirectory();
  }
}
