package io.adamant.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import io.adamant.config.BuildInfo;
import io.adamant.config.RunConfig;
import io.adamant.data.TokenDataset;
import io.adamant.model.KernelPath;
import io.adamant.results.Manifest;
import io.adamant.results.Manifest.Key;
import io.adamant.tensor.CpuFeatures;
import io.adamant.tensor.TorchRuntime;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Where a run's numbers come from: source, versions, machine, data, model. */
final class Provenance {

  private Provenance() {}

  static Manifest of(
      RunConfig config,
      TokenDataset data,
      Session session,
      KernelPath path,
      MicroBatch microBatch) {
    CpuFeatures cpu = CpuFeatures.detect();
    Map<Key, Object> facts = new EnumMap<>(Key.class);
    facts.put(Key.VERSION, BuildInfo.current().version());
    facts.put(Key.COMMIT, BuildInfo.current().commit());
    facts.put(Key.NUMERICS, Training.NUMERICS_VERSION);
    facts.put(Key.RUN_ID, Training.runId(config, data));
    facts.put(Key.DJL, Engine.getDjlVersion());
    facts.put(Key.LIBTORCH, Engine.getEngine("PyTorch").getVersion());
    facts.put(Key.JDK, System.getProperty("java.vm.name") + " " + Runtime.version());
    facts.put(
        Key.OS,
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"));
    facts.put(Key.CPU, cpu.model());
    facts.put(Key.CORES, Runtime.getRuntime().availableProcessors());
    facts.put(Key.DEVICE, config.training().device());
    facts.put(Key.THREADS, config.training().threads());
    facts.put(Key.KERNEL_PATH, path.label());
    facts.put(Key.MICRO_BATCH, microBatch.size());
    facts.put(Key.MICRO_BATCH_SOURCE, microBatch.source());
    Device device = session.manager().getDevice();
    facts.put(Key.TF32, device.isGpu() && TorchRuntime.tf32());
    facts.put(Key.DETERMINISTIC, !device.isGpu() || TorchRuntime.deterministic());
    data(config, data, session, facts);
    model(config, data, facts);
    facts.put(Key.SEED, config.training().seed());
    facts.put(Key.STARTED, Instant.now().toString());
    facts.put(Key.HOST, host());
    return new Manifest(facts);
  }

  private static void data(
      RunConfig config, TokenDataset data, Session session, Map<Key, Object> facts) {
    long steps = config.training().steps();
    facts.put(Key.DATA_DESCRIPTION, data.description());
    facts.put(Key.DATA_SHA256, data.dataSha256());
    facts.put(Key.TOKENIZER, data.tokenizer().identity());
    facts.put(Key.TRAIN_TOKENS, data.statistics().trainTokens());
    facts.put(Key.VALIDATION_TOKENS, data.statistics().validationTokens());
    facts.put(Key.DOCUMENTS, data.statistics().documents());
    facts.put(Key.UNIGRAM_CROSS_ENTROPY, data.statistics().unigramCrossEntropy());
    facts.put(Key.EPOCHS, session.batches().epochs(steps));
    facts.put(Key.WARNINGS, session.batches().epochsWarning(steps).map(List::of).orElse(List.of()));
  }

  private static void model(RunConfig config, TokenDataset data, Map<Key, Object> facts) {
    int vocabulary = config.model().paddedVocabulary(data.tokenizer().vocabularySize());
    ModelSize size = new ModelSize(config.model(), vocabulary);
    facts.put(Key.PARAMETERS, size.parameters());
    facts.put(Key.FLOPS_PER_TOKEN, size.flopsPerToken());
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }
}
