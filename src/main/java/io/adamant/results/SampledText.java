package io.adamant.results;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * A line of {@code samples.jsonl}: a text that the model continued in training.
 *
 * @param step after which
 * @param prompt what it was given
 * @param text what it made of it
 * @param ids the tokens of that
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record SampledText(
    @JsonProperty("step") long step,
    @JsonProperty("prompt") String prompt,
    @JsonProperty("text") String text,
    @JsonProperty("ids") List<Integer> ids) {

  /** Takes a copy. */
  public SampledText {
    ids = List.copyOf(ids);
  }
}
