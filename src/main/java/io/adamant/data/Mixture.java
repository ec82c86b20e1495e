package io.adamant.data;

import io.adamant.base.InputException;
import io.adamant.base.Sha256;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Several sources of which each gives a share of the windows of a run. Each is tokenized, kept and
 * split by itself, so that another weight or another source costs no time for the rest.
 *
 * @param names of the sources, for people
 * @param weights whole numbers without a common divisor
 * @param stores their tokens, in the same order
 */
record Mixture(List<String> names, List<Integer> weights, List<TokenStore> stores) {

  /**
   * Whole numbers in the proportion of the weights.
   *
   * @throws InputException if their sum is beyond {@link MixtureOrder#LONGEST}
   */
  static List<Integer> proportions(String key, List<BigDecimal> weights) {
    int digits = weights.stream().mapToInt(BigDecimal::scale).max().orElseThrow();
    List<BigInteger> whole =
        weights.stream()
            .map(w -> w.scaleByPowerOfTen(Math.max(0, digits)).toBigIntegerExact())
            .toList();
    BigInteger divisor = whole.stream().reduce(BigInteger.ZERO, BigInteger::gcd);
    BigInteger sum = whole.stream().reduce(BigInteger.ZERO, BigInteger::add).divide(divisor);
    if (sum.compareTo(BigInteger.valueOf(MixtureOrder.LONGEST)) > 0) {
      throw new InputException(
          "%s: the weights are in the proportion of whole numbers whose sum is %s; allowed: at most %s, so round them"
              .formatted(key, sum, MixtureOrder.LONGEST));
    }
    return whole.stream().map(w -> w.divide(divisor).intValueExact()).toList();
  }

  /** The training tokens of all sources, with their weights. */
  TokenView train() {
    List<TokenView.Part> parts = new ArrayList<>();
    for (int k = 0; k < weights.size(); k++) {
      parts.add(new TokenView.Part(names.get(k), stores.get(k).train(), weights.get(k)));
    }
    return JoinedView.ofSources(parts);
  }

  /** The validation tokens of all sources one after the other. */
  TokenView validation() {
    return JoinedView.ofFiles(stores.stream().map(TokenStore::validation).toList());
  }

  /** Names with their shares. */
  String description() {
    List<String> shares = new ArrayList<>();
    for (int k = 0; k < weights.size(); k++) {
      shares.add(weights.get(k) + " x " + names.get(k));
    }
    return "mixture of " + String.join(", ", shares);
  }

  /** Tokens, splits and proportions. */
  String dataSha256() {
    Sha256 sha = new Sha256().add("adamant mixture 1\n");
    for (int k = 0; k < weights.size(); k++) {
      sha.add("weight %s tokens %s\n".formatted(weights.get(k), stores.get(k).dataSha256()));
    }
    return sha.hex();
  }

  /**
   * Sums over the sources, and the cross-entropy of the validation split under the mixture of the
   * sources' add-one unigrams: −Σ_t (v_t/M) ln Σ_k (w_k/W) (c_kt + 1)/(N_k + V).
   *
   * @param validation the validation split
   * @param validated how many of the stores it is made of: the first alone where it is a corpus of
   *     its own, which each store has
   */
  DataStatistics statistics(TokenView validation, int validated) {
    int vocab = stores.get(0).vocabularySize();
    double[] probability = new double[vocab];
    double sum = 0;
    for (int weight : weights) {
      sum += weight;
    }
    long tokens = 0;
    long documents = 0;
    for (int k = 0; k < weights.size(); k++) {
      TokenView train = stores.get(k).train();
      long[] counts = Census.counts(train, vocab);
      double normalizer = (double) train.size() + vocab;
      for (int t = 0; t < vocab; t++) {
        probability[t] += weights.get(k) / sum * ((counts[t] + 1) / normalizer);
      }
      tokens += train.size();
      documents += stores.get(k).statistics().trainDocuments();
    }
    long[] found = Census.counts(validation, vocab);
    double entropy = 0;
    for (int t = 0; t < vocab; t++) {
      entropy -= found[t] * Math.log(probability[t]);
    }
    List<DataStatistics> parts =
        stores.stream().map(TokenStore::statistics).limit(validated).toList();
    boolean known = parts.stream().noneMatch(part -> part.validationBytes() == 0);
    boolean texts = parts.stream().noneMatch(part -> part.validationText().isEmpty());
    Sha256 text = new Sha256();
    parts.forEach(part -> text.add(part.validationText()));
    return new DataStatistics(
        tokens,
        validation.size(),
        documents,
        parts.stream().mapToLong(DataStatistics::validationDocuments).sum(),
        stores.stream().mapToLong(store -> store.statistics().trainBytes()).sum(),
        known ? parts.stream().mapToLong(DataStatistics::validationBytes).sum() : 0,
        validated == 1 ? parts.get(0).validationText() : texts ? text.hex() : "",
        entropy / validation.size());
  }

  /** The weights of sources, if they have some and are several. */
  static Optional<List<BigDecimal>> weights(List<CorpusSource> sources) {
    List<BigDecimal> weights =
        sources.stream().flatMap(source -> source.weight().stream()).collect(Collectors.toList());
    return sources.size() > 1 && !weights.isEmpty() ? Optional.of(weights) : Optional.empty();
  }
}
