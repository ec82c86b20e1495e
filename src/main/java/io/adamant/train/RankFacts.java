package io.adamant.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import io.adamant.config.BuildInfo;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.tensor.CpuFeatures;
import io.adamant.tensor.Devices;
import io.adamant.tensor.Gpu;
import io.adamant.tensor.TorchRuntime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** What must be the same on all ranks, or their sums would be rounded otherwise. */
final class RankFacts {

  private RankFacts() {}

  /** By name, in words. */
  static Map<String, String> of(RunConfig config, TokenDataset data) {
    CpuFeatures cpu = CpuFeatures.detect();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Adamant's commit", BuildInfo.current().commit());
    facts.put("the data's hash", data.dataSha256());
    facts.put("libtorch", Engine.getEngine("PyTorch").getVersion());
    facts.put("the processor", cpu.model());
    facts.put(
        "the processor's instructions",
        cpu.flags().stream()
            .filter(flag -> flag.matches("(avx|amx|fma|bf16|sve|asimd).*"))
            .sorted()
            .collect(Collectors.joining(" ")));
    Device device = Devices.select(config.training().device());
    facts.put(
        "the device",
        device.isGpu()
            ? Gpu.at(device.getDeviceId()).map(Gpu::describe).orElse("a GPU that tells nothing")
            : "a processor");
    facts.put(
        "the kernels", RecordedKernels.resolve(config.with("training.kernels", "auto"), device));
    facts.put("the number of threads", Integer.toString(TorchRuntime.threads()));
    return facts;
  }
}
