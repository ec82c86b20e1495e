package io.adamant.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import io.adamant.base.Host;
import io.adamant.config.BuildInfo;
import io.adamant.config.RunConfig;
import io.adamant.data.Overlap;
import io.adamant.data.TokenDataset;
import io.adamant.model.KernelPath;
import io.adamant.model.ModelSize;
import io.adamant.results.Manifest;
import io.adamant.tensor.CpuFeatures;
import io.adamant.tensor.TorchRuntime;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Where a run's numbers come from: source, versions, machine, data, model. */
final class Provenance {

  private static final int MOST_FILES = 200; // a manifest is for people too

  private Provenance() {}

  static Manifest of(
      RunConfig config,
      String configCommit,
      TokenDataset data,
      Session session,
      KernelPath path,
      MicroBatch microBatch) {
    CpuFeatures cpu = CpuFeatures.detect();
    Map<Manifest.Key, Object> facts = new EnumMap<>(Manifest.Key.class);
    facts.put(Manifest.Key.VERSION, BuildInfo.current().version());
    facts.put(Manifest.Key.COMMIT, BuildInfo.current().commit());
    if (!configCommit.isEmpty()) {
      facts.put(Manifest.Key.CONFIG_COMMIT, configCommit);
    }
    facts.put(Manifest.Key.NUMERICS, Training.NUMERICS_VERSION);
    facts.put(Manifest.Key.RUN_ID, RunIdentity.of(config, data));
    facts.put(Manifest.Key.DJL, Engine.getDjlVersion());
    facts.put(Manifest.Key.LIBTORCH, Engine.getEngine("PyTorch").getVersion());
    facts.put(Manifest.Key.JDK, System.getProperty("java.vm.name") + " " + Runtime.version());
    facts.put(
        Manifest.Key.OS,
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"));
    facts.put(Manifest.Key.CPU, cpu.model());
    facts.put(Manifest.Key.CORES, Runtime.getRuntime().availableProcessors());
    facts.put(Manifest.Key.DEVICE, config.training().device());
    facts.put(Manifest.Key.THREADS, config.training().threads());
    facts.put(Manifest.Key.KERNEL_PATH, path.label());
    facts.put(Manifest.Key.MICRO_BATCH, microBatch.size());
    facts.put(Manifest.Key.MICRO_BATCH_SOURCE, microBatch.source());
    Device device = session.manager().getDevice();
    facts.put(Manifest.Key.TF32, device.isGpu() && TorchRuntime.tf32());
    facts.put(Manifest.Key.DETERMINISTIC, !device.isGpu() || TorchRuntime.deterministic());
    data(config, data, session, facts);
    model(config, data, facts);
    if (!config.training().initFrom().isEmpty()) {
      facts.put(Manifest.Key.INIT_SHA256, RunIdentity.initSha256(config));
      Training.imported(config.training().initFrom())
          .ifPresent(model -> facts.put(Manifest.Key.INIT_ARCHITECTURE, model.architecture()));
    }
    if (!config.training().branchFrom().isEmpty()) {
      facts.put(Manifest.Key.BRANCH_SHA256, RunIdentity.branchSha256(config));
      facts.put(Manifest.Key.BRANCH_RUN, Checkpoint.branchPoint(config.training()).runId());
    }
    facts.put(Manifest.Key.SEED, config.training().seed());
    facts.put(Manifest.Key.STARTED, Instant.now().toString());
    facts.put(Manifest.Key.HOST, Host.name());
    return new Manifest(facts);
  }

  private static void data(
      RunConfig config, TokenDataset data, Session session, Map<Manifest.Key, Object> facts) {
    long steps = config.training().steps();
    long sequences = config.training().sequences(steps);
    facts.put(Manifest.Key.DATA_DESCRIPTION, data.description());
    if (!data.files().isEmpty()) {
      facts.put(Manifest.Key.FILE_COUNT, data.files().size());
      facts.put(Manifest.Key.FILES, data.files().stream().limit(MOST_FILES).toList());
    }
    facts.put(Manifest.Key.DATA_SHA256, data.dataSha256());
    facts.put(Manifest.Key.TOKENIZER, data.tokenizer().identity());
    facts.put(Manifest.Key.TRAIN_TOKENS, data.statistics().trainTokens());
    facts.put(Manifest.Key.VALIDATION_TOKENS, data.statistics().validationTokens());
    if (data.statistics().validationBytes() > 0) {
      facts.put(Manifest.Key.TRAIN_BYTES, data.statistics().trainBytes());
      facts.put(Manifest.Key.VALIDATION_BYTES, data.statistics().validationBytes());
      facts.put(Manifest.Key.VALIDATION_TEXT, data.statistics().validationText());
      facts.put(
          Manifest.Key.UNIGRAM_BITS_PER_BYTE,
          data.statistics().bitsPerByte(data.statistics().unigramCrossEntropy()));
    }
    facts.put(Manifest.Key.DOCUMENTS, data.statistics().documents());
    facts.put(Manifest.Key.UNIGRAM_CROSS_ENTROPY, data.statistics().unigramCrossEntropy());
    facts.put(Manifest.Key.EPOCHS, session.batches().epochs(sequences));
    Optional<Overlap> overlap = data.overlap();
    if (overlap.isPresent()) {
      facts.put(Manifest.Key.VALIDATION_DOCUMENTS, overlap.get().documents());
      facts.put(Manifest.Key.REPEATED_DOCUMENTS, overlap.get().repeated());
      facts.put(Manifest.Key.REPEATED_TOKENS, overlap.get().repeatedTokens());
    }
    facts.put(
        Manifest.Key.WARNINGS,
        Stream.of(
                session.batches().epochsWarning(steps, sequences),
                overlap.flatMap(Overlap::warning))
            .flatMap(Optional::stream)
            .toList());
  }

  private static void model(RunConfig config, TokenDataset data, Map<Manifest.Key, Object> facts) {
    ModelSize size = ParameterGroups.size(config, data.tokenizer().vocabularySize());
    facts.put(Manifest.Key.PARAMETERS, size.parameters());
    if (!size.frozen().isEmpty()) {
      facts.put(Manifest.Key.TRAINED_PARAMETERS, size.trained());
    }
    facts.put(Manifest.Key.FLOPS_PER_TOKEN, size.flopsPerToken());
  }
}
