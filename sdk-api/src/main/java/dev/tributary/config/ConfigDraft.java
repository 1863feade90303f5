package dev.tributary.config;

import dev.tributary.error.InvalidRequestException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A configuration while its text is being read: what belongs together is put together at the end. */
final class ConfigDraft {
  static final String HEADER = "header.";

  final String backend;
  final ClientConfig.Builder builder;
  private final Set<ConfigOption> given = EnumSet.noneOf(ConfigOption.class);

  @Nullable Integer retries;
  @Nullable Duration retryInitial;
  @Nullable Duration retryMax;

  @Nullable Boolean tls;
  @Nullable Path tlsCa;
  @Nullable Path tlsCertificate;
  @Nullable Path tlsKey;
  @Nullable String tlsServerName;
  @Nullable Boolean tlsVerifyHost;
  @Nullable Boolean tlsTrustAll;

  @Nullable String producer;
  @Nullable Long producerEpoch;
  @Nullable Boolean idempotent;

  @Nullable String token;
  @Nullable String user;
  @Nullable String password;

  ConfigDraft(String backend) {
    this.backend = backend;
    this.builder = ClientConfig.builder(backend);
  }

  /**
   * Sets an option by its name: one of {@link ConfigOption}, {@code header.NAME}, or {@code BACKEND.NAME}.
   *
   * @param label the name where the user wrote it, for errors
   * @param remedy how the nearest option is written there
   */
  void set(String name, String label, String value, Function<ConfigOption, String> remedy) {
    Optional<ConfigOption> known = ConfigOption.named(name);
    String own = ownOption(name);
    if (known.isPresent()) {
      set(known.get(), label, value);
    } else if (name.startsWith(HEADER) && name.length() > HEADER.length()) {
      builder.header(name.substring(HEADER.length()).toLowerCase(Locale.ROOT), value);
    } else if (own != null) {
      builder.option(own, value);
    } else {
      throw InvalidRequestException.of(
          "unknown option " + label,
          ConfigOption.nearest(name)
              .map(near -> "Did you mean " + remedy.apply(near) + "?")
              .orElse("The options are in the configuration table of the README"));
    }
  }

  /** Sets this option; {@code label} is its name where the user wrote it. */
  void set(ConfigOption option, String label, String value) {
    option.set(this, label, value);
    given.add(option);
  }

  /** Whether what was said so far says enough about this option, so that a weaker source is not asked. */
  boolean decided(ConfigOption option) {
    if (option.credential()) {
      return token != null || user != null || password != null;
    }
    if (option == ConfigOption.TLS) {
      return given.stream().anyMatch(ConfigOption::tls);
    }
    return given.contains(option) || option.tls() && Boolean.FALSE.equals(tls);
  }

  /** Whether the backend is this one. A scheme may end in an s that only means TLS. */
  boolean speaks(String name) {
    return backend.equals(name) || backend.equals(name + "s");
  }

  /** The backend's own name of an option, {@code mode} for {@code goqueue.mode}; null if it is none of this backend's. */
  private @Nullable String ownOption(String name) {
    int dot = name.indexOf('.');
    if (dot < 1 || dot == name.length() - 1) {
      return null;
    }
    String prefix = name.substring(0, dot);
    return speaks(prefix) ? name.substring(dot + 1) : null;
  }

  void forgetCredentials() {
    token = null;
    user = null;
    password = null;
  }

  /** The builder with everything in it. */
  ClientConfig.Builder finish() {
    if (retries != null || retryInitial != null || retryMax != null) {
      builder.retry(retry());
    }
    builder.tls(tls());
    idempotency();
    if (token != null && (user != null || password != null)) {
      throw InvalidRequestException.of("both a token and a user are given", "Give one of them");
    }
    if (token != null) {
      builder.token(token);
    } else if (user != null && password != null) {
      builder.credentials(new Credentials.UserPassword(user, password));
    } else if (user != null || password != null) {
      throw InvalidRequestException.of("a user and a password belong together, one is missing", "Give both, or a token");
    }
    return builder;
  }

  private Retry retry() {
    int attempts = Retry.DEFAULT.maxAttempts();
    if (retries != null) {
      if (retries < 0) {
        throw InvalidRequestException.of("retries is " + retries, "Use 0 for no retry");
      }
      attempts = retries == Integer.MAX_VALUE ? retries : retries + 1;
    }
    // One bound alone moves the other's default out of its way.
    Duration initial = Retry.DEFAULT.initialBackoff();
    Duration max = Retry.DEFAULT.maxBackoff();
    if (retryInitial != null) {
      initial = retryInitial;
      max = max.compareTo(initial) < 0 ? initial : max;
    }
    if (retryMax != null) {
      max = retryMax;
      initial = retryInitial == null && initial.compareTo(max) > 0 ? max : initial;
    }
    return Retry.builder().maxAttempts(attempts).backoff(initial, max).build();
  }

  private @Nullable Tls tls() {
    boolean detailed =
        tlsCa != null || tlsCertificate != null || tlsKey != null || tlsServerName != null || tlsVerifyHost != null || tlsTrustAll != null;
    if (detailed && Boolean.FALSE.equals(tls)) {
      throw InvalidRequestException.of("tls is false, but tls- options are given", "Leave tls out, or leave them out");
    }
    if (!detailed && !Boolean.TRUE.equals(tls)) {
      return null;
    }
    return new Tls(tlsCa, tlsCertificate, tlsKey, tlsServerName, !Boolean.FALSE.equals(tlsVerifyHost), Boolean.TRUE.equals(tlsTrustAll));
  }

  private void idempotency() {
    if (producer == null && producerEpoch != null) {
      throw InvalidRequestException.of("producer-epoch is given, but no producer", "Name the producer, or leave its epoch out");
    }
    if (producer != null && Boolean.FALSE.equals(idempotent)) {
      throw InvalidRequestException.of("idempotent is false, but a producer is given", "Leave idempotent out, or the producer");
    }
    if (Boolean.FALSE.equals(idempotent)) {
      builder.withoutIdempotency();
    } else if (producer != null && producerEpoch != null) {
      builder.configureIdempotency(producer, producerEpoch);
    } else if (producer != null) {
      builder.configureIdempotency(producer);
    }
  }
}
