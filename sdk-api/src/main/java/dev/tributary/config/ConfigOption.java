package dev.tributary.config;

import dev.tributary.error.InvalidRequestException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * The options that can be written as text, each once for all readers: {@code max-message-bytes} in a URI is
 * {@code TRIBUTARY_MAX_MESSAGE_BYTES} in the environment.
 */
enum ConfigOption {
  TIMEOUT(ConfigForm.DURATION, (d, v) -> d.builder.timeout(v)),
  CONNECT_TIMEOUT(ConfigForm.DURATION, (d, v) -> d.builder.connectTimeout(v)),
  IDLE_PROBE(ConfigForm.DURATION, (d, v) -> d.builder.idleProbe(v)),
  RETRIES(ConfigForm.COUNT, (d, v) -> d.retries = v),
  RETRY_INITIAL(ConfigForm.DURATION, (d, v) -> d.retryInitial = v),
  RETRY_MAX(ConfigForm.DURATION, (d, v) -> d.retryMax = v),
  CONNECTIONS(ConfigForm.COUNT, (d, v) -> d.builder.connections(v)),
  MAX_CONCURRENT_CALLS(ConfigForm.COUNT, (d, v) -> d.builder.maxConcurrentCalls(v)),
  MAX_MESSAGE_BYTES(ConfigForm.BYTES, (d, v) -> d.builder.maxMessageBytes(v)),
  PREFETCH(ConfigForm.COUNT, (d, v) -> d.builder.prefetch(v)),
  PREFETCH_BYTES(ConfigForm.BYTES, (d, v) -> d.builder.prefetchBytes(v)),
  BUFFER_BYTES(ConfigForm.BYTES, (d, v) -> d.builder.bufferBytes(v)),
  MAX_IN_FLIGHT_CALLS(ConfigForm.COUNT, (d, v) -> d.builder.maxInFlightCalls(v)),
  MAX_IN_FLIGHT_BYTES(ConfigForm.BYTES, (d, v) -> d.builder.maxInFlightBytes(v)),
  COMPRESSION(ConfigForm.SWITCH, (d, v) -> d.builder.compression(v)),
  IDEMPOTENT(ConfigForm.SWITCH, (d, v) -> d.idempotent = v),
  PRODUCER(ConfigForm.TEXT, (d, v) -> d.producer = v),
  PRODUCER_EPOCH(ConfigForm.LONG_COUNT, (d, v) -> d.producerEpoch = v),
  METRICS(ConfigForm.SWITCH, (d, v) -> d.builder.metrics(v)),
  TRACING(ConfigForm.SWITCH, (d, v) -> d.builder.tracing(v)),
  LOG_LEVEL(ConfigForm.LOG_LEVEL, (d, v) -> d.builder.logLevel(v)),
  PLAINTEXT_CREDENTIALS(ConfigForm.SWITCH, (d, v) -> d.builder.plaintextCredentials(v)),
  TLS(ConfigForm.SWITCH, (d, v) -> d.tls = v),
  TLS_CA(ConfigForm.FILE, (d, v) -> d.tlsCa = v),
  TLS_CERT(ConfigForm.FILE, (d, v) -> d.tlsCertificate = v),
  TLS_KEY(ConfigForm.FILE, (d, v) -> d.tlsKey = v),
  TLS_SERVER_NAME(ConfigForm.TEXT, (d, v) -> d.tlsServerName = v),
  TLS_VERIFY_HOST(ConfigForm.SWITCH, (d, v) -> d.tlsVerifyHost = v),
  TLS_TRUST_ALL(ConfigForm.SWITCH, (d, v) -> d.tlsTrustAll = v),
  TENANT(ConfigForm.TEXT, (d, v) -> d.builder.tenant(v)),
  NAMESPACE(ConfigForm.TEXT, (d, v) -> d.builder.namespace(v)),
  TOKEN(ConfigForm.TEXT, (d, v) -> d.token = v),
  USER(ConfigForm.TEXT, (d, v) -> d.user = v),
  PASSWORD(ConfigForm.TEXT, (d, v) -> d.password = v);

  private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');
  private final Setter setter;

  <V> ConfigOption(ConfigForm<V> form, BiConsumer<ConfigDraft, V> assignment) {
    this.setter = (draft, label, value) -> assignment.accept(draft, form.read(label, value));
  }

  private interface Setter {
    void set(ConfigDraft draft, String label, String value);
  }

  /** The name, as URIs have it. */
  String text() {
    return text;
  }

  /** Whether it says who the client is: never shown, and not part of a URI's query. */
  boolean credential() {
    return this == TOKEN || this == USER || this == PASSWORD;
  }

  /** Whether it is about TLS. */
  boolean tls() {
    return this == TLS || text.startsWith("tls-");
  }

  /** Reads the value into the draft; {@code label} names the option where the user wrote it. */
  void set(ConfigDraft draft, String label, String value) {
    if (value.isEmpty() && this != PASSWORD) {
      throw InvalidRequestException.of(label + " has no value", "Give it one, or leave it out for the default");
    }
    setter.set(draft, label, value);
  }

  static Optional<ConfigOption> named(String name) {
    return Arrays.stream(values()).filter(option -> option.text.equals(name)).findFirst();
  }

  /** What was probably meant by an unknown name. */
  static Optional<ConfigOption> nearest(String name) {
    ConfigOption best = null;
    int least = Math.max(2, name.length() / 3) + 1;
    for (ConfigOption option : values()) {
      int edits = edits(name, option.text);
      if (edits < least) {
        least = edits;
        best = option;
      }
    }
    return Optional.ofNullable(best);
  }

  /** How many letters must be changed, added or dropped to make one of the other. */
  private static int edits(String from, String to) {
    int[] above = new int[to.length() + 1];
    Arrays.setAll(above, i -> i);
    for (int i = 1; i <= from.length(); i++) {
      int[] row = new int[to.length() + 1];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int changed = above[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(changed, Math.min(above[j], row[j - 1]) + 1);
      }
      above = row;
    }
    return above[to.length()];
  }
}
