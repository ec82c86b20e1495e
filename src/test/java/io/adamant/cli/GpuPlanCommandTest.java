package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.adamant.base.ChildJvm;
import io.adamant.train.TestRuns;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code train --plan --gpu NAME}. */
class GpuPlanCommandTest {

  private static final String CARDS =
      "h100, h100-pcie, h200, a100-40, a100-80, l40s, l4, rtx-4090, rtx-3090, v100-16, v100-32";
  private static final String MODEL = "configs/models/gpt-160m.yaml";

  @TempDir Path temp;

  private static Invocation plan(String... arguments) {
    String[] all = new String[arguments.length + 3];
    all[0] = "train";
    all[1] = MODEL;
    all[2] = "--plan";
    System.arraycopy(arguments, 0, all, 3, arguments.length);
    return Invocation.of(all);
  }

  @Test
  void tellsParametersMemoryAndTheLeastTimeWithoutTheData() {
    Invocation plan = plan("--gpu", "H100");

    assertThat(plan.exitCode()).as(plan.err()).isZero();
    assertThat(plan.err()).isEmpty();
    assertThat(plan.out().lines())
        .contains(
            "GPU                   h100: NVIDIA H100 SXM 80 GB; its data sheet has 989 TFLOP/s in"
                + " bf16, 3,350 GB/s",
            "parameters            162,220,800",
            "  before padding      162,179,328, with the vocabulary of 50,277 that is padded to"
                + " 50,304",
            "tokens                131,072,000, epochs unknown: "
                + Path.of("data/corpus").toAbsolutePath()
                + " is not here",
            "micro-batch           8 of 64 sequences, as configured; up to 64 fit",
            "  CUDA and libraries  819.2 MiB, an allowance")
        .anyMatch(line -> line.matches("time +at least \\d+:\\d\\d; the data sheet .*"))
        .anyMatch(line -> line.matches("tokens/s +at most [4-5]\\d\\d,\\d{3} while training"));
  }

  @Test
  void saysWhatWouldFit() {
    assertThat(plan("--gpu", "l4", "--set", "training.micro_batch=64").out().lines())
        .contains(
            "micro-batch           64 of 64 sequences, as configured, DOES NOT FIT into l4; 16 would");
    assertThat(plan("--gpu", "l4", "--set", "training.micro_batch=auto").out().lines())
        .contains("micro-batch           16 of 64 sequences, the largest that fits");
    String none =
        "micro-batch           8 of 64 sequences; not even one sequence fits into l4: take a smaller"
            + " model.context, or training.checkpoint_activations: true";
    String[] large = {"--gpu", "l4", "--set", "model.layers=999", "--set", "measure.every=0"};
    assertThat(plan(large).out().lines()).contains(none);
    large[5] = "measure.every=50"; // whose copies of the gradients take room too
    assertThat(plan(large).out().lines()).contains(none + ", or measure.every: 0");
  }

  @Test
  void dataThatAreHereAreRead() throws IOException {
    Path run = temp.resolve("tiny.yaml");
    Files.writeString(
        run,
        """
        model: {layers: 1, width: 16, heads: 2, context: 16}
        data: {corpus: '%s', tokenizer: bytes, vocab: 257}
        training: {steps: 2, batch: 2, threads: 1, device: cpu}
        """
            .formatted(TestRuns.corpus(temp)));
    Invocation plan = Invocation.of("train", run.toString(), "--plan", "--gpu", "rtx-3090");
    assertThat(plan.exitCode()).as(plan.err()).isZero();
    assertThat(plan.out())
        .contains("64, the training text 0.00 times", "35.6 TFLOP/s in fp32", "torch+sdpa")
        .doesNotContain("padding", "unknown", "without the last one");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--gpu=h10 | --gpu is h10; allowed: CARDS; did you mean h100 or h100-pcie?",
        "--gpu=a100 | --gpu is a100; allowed: CARDS; did you mean a100-40 or a100-80?",
        "--gpu=rtx4090 | --gpu is rtx4090; allowed: CARDS; did you mean rtx-4090?",
        "--gpu=tpu | --gpu is tpu; allowed: CARDS",
        "--gpu= | --gpu is empty; allowed: CARDS",
        "--gpu=v100-32 | training.precision is bf16; allowed: fp32 on v100-32, which has no bfloat16",
        "--gpu=v100-16 --set=training.precision=fp32 --set=training.tf32=true"
            + " | training.tf32 is true; allowed: false on v100-16, which has no TensorFloat-32",
        "--gpu=l4 --set=training.kernels=bf16+explicit | training.kernels is bf16+explicit; allowed:"
            + " auto with --gpu, whose memory is known for fused attention",
        "--gpu=l4 --set=optimizer.beta1=1.5 | optimizer.beta1: 1.5 is not allowed for adamw; allowed: a number"
            + " in [0, 1)",
      })
  void whatNoCardHasIsRefused(String arguments, String line) {
    Invocation plan = plan(arguments.split(" ", -1));

    assertThat(plan.exitCode()).isEqualTo(2);
    assertThat(plan.out()).isEmpty();
    assertThat(plan.err())
        .isEqualToNormalizingNewlines("adamant: " + line.replace("CARDS", CARDS) + "\n");
  }

  @Test
  void aCardWithoutAPlanIsRefused() {
    Invocation run = Invocation.of("train", MODEL, "--gpu", "h100");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .isEqualToNormalizingNewlines("adamant: --gpu h100 is for plans: give --plan too\n");
  }

  /** With this libtorch, loading the engine would fail. */
  @Test
  void noEngineIsLoadedNorTried() throws IOException, InterruptedException {
    Path broken = Files.createDirectory(temp.resolve("broken"));
    Files.writeString(broken.resolve(System.mapLibraryName("torch")), "no library");
    ProcessBuilder builder = ChildJvm.of(Main.class, "train", MODEL, "--plan", "--gpu=h200");
    builder.environment().put("ADAMANT_CACHE", temp.resolve("cache").toString());
    builder.environment().put("PYTORCH_LIBRARY_PATH", broken.toString());
    builder.redirectErrorStream(true);
    Process child = builder.start();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(said).isZero();
    assertThat(said).contains("NVIDIA H200");
    assertThat(temp.resolve("cache/engine-fit.json")).doesNotExist();
  }
}
