package io.adamant.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import io.adamant.config.BuildInfo;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.KernelPath;
import io.adamant.model.ModelSize;
import io.adamant.tensor.CpuFeatures;
import io.adamant.tensor.TorchRuntime;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where a run's numbers come from: source, versions, machine, data, model. */
final class Manifest {

  private Manifest() {}

  static Map<String, Object> of(
      RunConfig config,
      TokenDataset data,
      Session session,
      KernelPath path,
      MicroBatch microBatch) {
    CpuFeatures cpu = CpuFeatures.detect();
    Map<String, Object> manifest = new LinkedHashMap<>();
    manifest.put("adamant_version", BuildInfo.current().version());
    manifest.put("source_commit", BuildInfo.current().commit());
    manifest.put("numerics_version", Training.NUMERICS_VERSION);
    manifest.put("run_id", Training.runId(config, data));
    manifest.put("djl", Engine.getDjlVersion());
    manifest.put("libtorch", Engine.getEngine("PyTorch").getVersion());
    manifest.put("jdk", System.getProperty("java.vm.name") + " " + Runtime.version());
    manifest.put(
        "os",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"));
    manifest.put("cpu", cpu.model());
    manifest.put("cores", Runtime.getRuntime().availableProcessors());
    manifest.put("device", config.training().device());
    manifest.put("threads", config.training().threads());
    manifest.put("kernel_path", path.label());
    manifest.put("micro_batch", microBatch.size());
    manifest.put("micro_batch_source", microBatch.source());
    Device device = session.manager().getDevice();
    manifest.put("tf32", device.isGpu() && TorchRuntime.tf32());
    manifest.put("deterministic", !device.isGpu() || TorchRuntime.deterministic());
    manifest.put("data", data(config, data, session));
    manifest.put("model", model(config, data));
    manifest.put("seed", config.training().seed());
    manifest.put("started", Instant.now().toString());
    manifest.put("host", host());
    return manifest;
  }

  private static Map<String, Object> data(RunConfig config, TokenDataset data, Session session) {
    long steps = config.training().steps();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("description", data.description());
    map.put("sha256", data.dataSha256());
    map.put("tokenizer", data.tokenizer().identity());
    map.put("train_tokens", data.statistics().trainTokens());
    map.put("validation_tokens", data.statistics().validationTokens());
    map.put("documents", data.statistics().documents());
    map.put("unigram_cross_entropy", data.statistics().unigramCrossEntropy());
    map.put("epochs", session.batches().epochs(steps));
    map.put("warnings", session.batches().epochsWarning(steps).map(List::of).orElse(List.of()));
    return map;
  }

  private static Map<String, Object> model(RunConfig config, TokenDataset data) {
    int vocabulary = config.model().paddedVocabulary(data.tokenizer().vocabularySize());
    ModelSize size = new ModelSize(config.model(), vocabulary);
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("parameters", size.parameters());
    map.put("flops_per_token", size.flopsPerToken());
    return map;
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }
}
