package io.adamant.inference;

import ai.djl.ndarray.NDArray;
import io.adamant.base.InputException;
import io.adamant.config.MeasureConfig;
import io.adamant.config.Precision;
import io.adamant.config.RunConfig;
import io.adamant.data.Tokenizer;
import io.adamant.model.GptDecoder;
import io.adamant.model.KernelPath;
import io.adamant.results.Metrics;
import io.adamant.tensor.CpuFeatures;
import io.adamant.train.StepView;
import io.adamant.train.TrainingHook;
import java.util.LinkedHashMap;
import java.util.Map;

/** Lets the model in training continue a text every so many steps; seed and step say how. */
public final class SampleHook implements TrainingHook {

  private final RunConfig run;
  private final Tokenizer tokenizer;
  private final int[] prompt;
  private GptDecoder decoder;

  /**
   * Watches a run.
   *
   * @param run resolved; its {@code measure.sample_every} is above 0
   * @param tokenizer of its data, open while it trains
   * @throws InputException if the tokenizer cannot encode the prompt
   */
  public SampleHook(RunConfig run, Tokenizer tokenizer) {
    this.run = run;
    this.tokenizer = tokenizer;
    try {
      prompt = Sampling.prompt(tokenizer, new int[0], run.measure().samplePrompt());
    } catch (InputException e) {
      throw new InputException(
          "measure.sample_every: the tokenizer of this run has no text to draw; allowed: 0", e);
    }
  }

  @Override
  public boolean wants(long step) {
    return step % run.measure().sampleEvery() == 0 || step == run.training().steps();
  }

  @Override
  public Map<String, Object> observe(StepView view) {
    if (decoder == null) {
      decoder = decoder(run, view);
    }
    MeasureConfig measure = run.measure();
    Sampling.Sample sample =
        new Sampling(measure.sampleTokens(), TokenSampler.UNMODIFIED, run.training().seed())
            .draw(decoder, tokenizer, prompt, view.step(), piece -> {});
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("prompt", Sampling.text(tokenizer, prompt));
    line.put("text", sample.text());
    line.put("ids", sample.ids());
    return Map.of(Metrics.SAMPLE, line);
  }

  /** Reads the arrays that are trained; it lives as long as the manager that owns them. */
  static GptDecoder decoder(RunConfig run, StepView view) {
    Map<String, NDArray> parameters = view.parameters();
    NDArray any = parameters.get("embedding.weight");
    KernelPath path =
        KernelPath.choose(
            CpuFeatures.detect(), any.getDevice(), Precision.FP32, run.model().context());
    return new GptDecoder(any.getManager(), run.model(), path, parameters);
  }
}
