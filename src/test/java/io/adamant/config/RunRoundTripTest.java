package io.adamant.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** A resolved run reads back from its YAML as it was, whatever is in it. */
class RunRoundTripTest {
  private static final String SHA = "0".repeat(64);

  @Property(tries = 300)
  void yamlReadsBackAsAnEqualRun(@ForAll("runs") RunConfig run) {
    String yaml = Configs.toYaml(run);
    RunConfig read = Configs.parseRun(yaml, List.of());
    assertThat(read).isEqualTo(run);
    assertThat(Configs.toYaml(read)).isEqualTo(yaml);
    assertThat(RunId.of(read, SHA, 1)).isEqualTo(RunId.of(run, SHA, 1));
  }

  @Property(tries = 100)
  void everySettingMayComeFromJavaByItsKey(@ForAll("runs") RunConfig run) {
    RunConfig bare = RunConfig.defaults().with(OptimizerConfig.of("none", 0, 0));
    assertThat(bare.with(Configs.flatten(run))).isEqualTo(run);
  }

  @Provide
  Arbitrary<RunConfig> runs() {
    return Combinators.combine(
            models(), data(), clips(), schedules(), trainings(), measurements(), optimizers())
        .as(
            (model, data, clip, schedule, training, measure, optimizer) -> {
              Map<String, Object> keys = new TreeMap<>(model);
              List.of(data, clip, schedule, training, measure).forEach(keys::putAll);
              return RunConfig.defaults().with(keys).with(optimizer);
            });
  }

  private static Arbitrary<Map<String, Object>> measurements() {
    return Combinators.combine(
            Arbitraries.integers().greaterOrEqual(0),
            Arbitraries.integers().between(4, 256),
            Arbitraries.of(true, false))
        .as(
            (every, batches, on) ->
                Map.of(
                    "measure.every", every,
                    "measure.tensors", on,
                    "measure.probe_every", every / 2,
                    "measure.probe_batches", batches,
                    "measure.memory", every == 0 ? 0 : batches + 12,
                    "measure.csv", !on,
                    "measure.tensorboard", on,
                    "measure.sample_every", every / 3,
                    "measure.sample_prompt", on ? "" : "It was: a “text” #" + every,
                    "measure.sample_tokens", batches));
  }

  private static Arbitrary<Map<String, Object>> models() {
    Arbitrary<Integer> size = Arbitraries.integers().between(1, 1000);
    Arbitrary<Integer> headSize = Arbitraries.integers().between(1, 500).map(pairs -> 2 * pairs);
    return Combinators.combine(size, size, headSize, size, size, fractions(), positive())
        .as(
            (layers, heads, head, context, hidden, rotary, std) ->
                Map.of(
                    "model.layers", layers,
                    "model.width", heads * head,
                    "model.heads", heads,
                    "model.context", context,
                    "model.mlp_hidden", hidden,
                    "model.rotary", rotary * head < 2 ? 0 : rotary,
                    "model.init_std", std,
                    "model.vocab_multiple", layers));
  }

  private static Arbitrary<Map<String, Object>> data() {
    Arbitrary<Double> fraction = fractions().map(f -> 1e-9 + f * 0.99);
    Arbitrary<String> tokenizer = Arbitraries.of("gpt2", "bytes", "./my tokenizer.json");
    Arbitrary<Integer> vocabulary = Arbitraries.integers().between(257, 50_257);
    return Combinators.combine(
            texts(),
            tokenizer,
            vocabulary,
            Arbitraries.oneOf(texts(), empty()),
            fraction,
            texts(),
            Arbitraries.of(InvalidUtf8.values()))
        .as(
            (corpus, tok, vocab, validation, held, end, invalid) ->
                Map.of(
                    "data.corpus", corpus,
                    "data.tokenizer", tok,
                    "data.vocab",
                        tok.equals("bytes") ? 257 : tok.equals("gpt2") ? vocab : vocab - 257,
                    "data.validation_corpus", validation,
                    "data.validation_fraction", held,
                    "data.end_of_text", end,
                    "data.invalid_utf8", invalid));
  }

  private static Arbitrary<OptimizerConfig> optimizers() {
    Arbitrary<String> names =
        Arbitraries.strings().withCharRange('a', 'z').ofMinLength(3).ofMaxLength(9);
    Arbitrary<Object> values =
        Arbitraries.oneOf(
            Arbitraries.doubles().map(v -> (Object) v),
            Arbitraries.of(true, false).map(v -> (Object) v),
            texts().map(v -> (Object) v),
            Arbitraries.of("0.9", "1e-8", "true", "yes", "null", "~", "", "1_000", "010", "a: b")
                .map(v -> (Object) v));
    Arbitrary<Map<String, Object>> settings = Arbitraries.maps(names, values).ofMaxSize(4);
    return Combinators.combine(notNegative(), notNegative(), settings)
        .as((lr, decay, own) -> new OptimizerConfig("adamw", lr, decay, own));
  }

  private static Arbitrary<Map<String, Object>> clips() {
    return Combinators.combine(notNegative(), notNegative())
        .as((norm, bound) -> Map.of("clip.global_norm", norm, "clip.coordinate", bound));
  }

  private static Arbitrary<Map<String, Object>> schedules() {
    Arbitrary<FinalRate> ends =
        Arbitraries.oneOf(
            notNegative().map(FinalRate::absolute),
            fractions().map(fraction -> FinalRate.percent(100 * fraction)));
    return Combinators.combine(
            Arbitraries.of(ScheduleConfig.Kind.class), fractions(), ends, fractions())
        .as(
            (kind, warmup, last, decay) ->
                Map.of(
                    "schedule.kind",
                    kind,
                    "schedule.warmup",
                    warmup * 0.5,
                    "schedule.final_lr",
                    last,
                    "schedule.decay",
                    0.01 + decay * 0.49));
  }

  private static Arbitrary<Map<String, Object>> trainings() {
    Arbitrary<Integer> count = Arbitraries.integers().between(1, Integer.MAX_VALUE);
    Arbitrary<Integer> small = Arbitraries.integers().between(1, 1000);
    Arbitrary<Long> seed = Arbitraries.longs().between(0, Long.MAX_VALUE);
    Arbitrary<String> device = Arbitraries.of("auto", "cpu", "cuda", "cuda:0", "cuda:13");
    return Combinators.combine(
            count,
            small,
            Arbitraries.of(Precision.class),
            device,
            small,
            seed,
            Arbitraries.of(NonFinitePolicy.class),
            Arbitraries.oneOf(texts(), empty()))
        .as(
            (n, micro, precision, dev, threads, s, policy, from) ->
                Map.ofEntries(
                    Map.entry("training.steps", n),
                    Map.entry("training.batch", micro * 3),
                    Map.entry("training.micro_batch", micro % 5 == 0 ? 0 : micro),
                    Map.entry("training.precision", precision),
                    Map.entry("training.device", dev),
                    Map.entry("training.kernels", n % 2 == 0 ? "auto" : "onednn+sdpa"),
                    Map.entry("training.checkpoint_activations", micro % 2 == 0),
                    Map.entry("training.threads", threads - 1),
                    Map.entry("training.seed", s),
                    Map.entry("training.eval_every", n - 1),
                    Map.entry("training.eval_tokens", s),
                    Map.entry("training.checkpoint_every", n),
                    Map.entry("training.keep_checkpoints", n),
                    Map.entry("training.log_every", micro),
                    Map.entry("training.on_nonfinite", policy),
                    Map.entry("training.max_skipped", n - 1),
                    Map.entry("training.init_from", from),
                    Map.entry(
                        "training.on_divergence",
                        policy.name().equals("STOP") ? "stop" : "continue"),
                    Map.entry("training.tf32", micro % 3 == 0),
                    Map.entry("training.readout", List.of("trained", "ema", "tail").get(micro % 3)),
                    Map.entry("training.readout_decay", 1 - 1.0 / (1 + n)),
                    Map.entry("training.readout_tail", 1.0 / n)));
  }

  /** Any printable line, with what YAML readers stumble over well represented. */
  private static Arbitrary<String> texts() {
    Arbitrary<String> any =
        Arbitraries.strings()
            .ascii()
            .withChars("äß中\u00a0\u2028\u2029\ufeff\ufffe")
            .ofMinLength(1)
            .ofMaxLength(12)
            .filter(s -> s.codePoints().noneMatch(Character::isISOControl) && !s.isBlank());
    Arbitrary<String> nasty =
        Arbitraries.of(
            "true",
            "null",
            "1e3",
            "0x1F",
            "2024-01-01",
            "- a",
            "a: b",
            "a #b",
            "\"q\"",
            "it's",
            "\\n",
            "C:\\x",
            "*a",
            "&a",
            "!tag",
            "%d",
            "@x",
            "`x",
            "[a]",
            "{a: b}",
            " lead",
            "trail ",
            "😀",
            "~",
            "<<",
            "=",
            "?",
            "---",
            "...",
            "No",
            "y");
    return Arbitraries.oneOf(any, nasty);
  }

  private static Arbitrary<String> empty() {
    return Arbitraries.just("");
  }

  private static Arbitrary<Double> fractions() {
    return Arbitraries.doubles().between(0, 1).ofScale(9);
  }

  private static Arbitrary<Double> notNegative() {
    return Arbitraries.oneOf(
        Arbitraries.longs()
            .between(0, Double.doubleToLongBits(Double.MAX_VALUE))
            .map(Double::longBitsToDouble),
        Arbitraries.of(0.0, 4e-3, 1.0, 1e-5));
  }

  private static Arbitrary<Double> positive() {
    return notNegative().map(v -> v == 0 ? Double.MIN_VALUE : v);
  }
}
