package dev.tributary.config;

import dev.tributary.error.InvalidRequestException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * The variables that other clients of a backend read, for those who have them already. Others of the same prefix are a server's, or
 * Kubernetes' links to it: not meant for us.
 *
 * @param backend whose clients
 * @param endpoints the variable with a list of host:port
 * @param variables all others; a switch stands before what it switches
 */
record ClientVariables(String backend, String endpoints, List<Variable> variables) {
  private static final Pattern SECONDS = Pattern.compile("\\d{1,9}(\\.\\d+)?");

  static final List<ClientVariables> ALL =
      List.of(
          new ClientVariables(
              "disheap",
              "DISHEAP_ENDPOINTS",
              List.of(
                  new Variable("DISHEAP_API_KEY", ConfigOption.TOKEN, UnaryOperator.identity()),
                  new Variable("DISHEAP_CONNECT_TIMEOUT", ConfigOption.CONNECT_TIMEOUT, ClientVariables::seconds),
                  new Variable("DISHEAP_REQUEST_TIMEOUT", ConfigOption.TIMEOUT, ClientVariables::seconds),
                  new Variable("DISHEAP_MAX_RETRIES", ConfigOption.RETRIES, UnaryOperator.identity()),
                  new Variable("DISHEAP_RETRY_BACKOFF_BASE", ConfigOption.RETRY_INITIAL, ClientVariables::seconds),
                  new Variable("DISHEAP_TLS_ENABLED", ConfigOption.TLS, ClientVariables::lowerCase),
                  new Variable("DISHEAP_TLS_CA_CERT_PATH", ConfigOption.TLS_CA, UnaryOperator.identity()),
                  new Variable("DISHEAP_TLS_CLIENT_CERT_PATH", ConfigOption.TLS_CERT, UnaryOperator.identity()),
                  new Variable("DISHEAP_TLS_CLIENT_KEY_PATH", ConfigOption.TLS_KEY, UnaryOperator.identity()),
                  new Variable("DISHEAP_COMPRESSION", ConfigOption.COMPRESSION, ClientVariables::lowerCase),
                  new Variable("DISHEAP_MAX_MESSAGE_SIZE", ConfigOption.MAX_MESSAGE_BYTES, UnaryOperator.identity()),
                  new Variable("DISHEAP_ENABLE_METRICS", ConfigOption.METRICS, ClientVariables::lowerCase),
                  new Variable("DISHEAP_ENABLE_TRACING", ConfigOption.TRACING, ClientVariables::lowerCase),
                  new Variable("DISHEAP_LOG_LEVEL", ConfigOption.LOG_LEVEL, UnaryOperator.identity()))));

  /**
   * One of them.
   *
   * @param option what it is called here
   * @param spelling how its value is written here
   */
  record Variable(String name, ConfigOption option, UnaryOperator<String> spelling) {}

  /** Fills what nobody has decided yet. */
  void adopt(ConfigDraft draft, Map<String, String> environment) {
    for (Variable variable : variables) {
      String value = environment.getOrDefault(variable.name, "");
      if (!value.isEmpty() && !draft.decided(variable.option)) {
        draft.set(variable.option, variable.name, variable.spelling.apply(value));
      }
    }
  }

  /** A configuration of these endpoints and nothing else yet. */
  ConfigDraft draft(Map<String, String> environment) {
    ConfigDraft draft = new ConfigDraft(backend);
    for (String address : environment.getOrDefault(endpoints, "").split(",", -1)) {
      try {
        draft.builder.endpoint(Endpoint.parse(address.strip()));
      } catch (InvalidRequestException unreadable) {
        // Without the value: a secret may have been put there by mistake.
        throw InvalidRequestException.of(
            endpoints + " is not a list of host:port", "Put commas between them, and an IPv6 address in brackets: a:9090,[::1]:9090");
      }
    }
    return draft;
  }

  /** A number alone means seconds; rounded up to nanoseconds. */
  private static String seconds(String text) {
    if (!SECONDS.matcher(text).matches()) {
      return text;
    }
    return Duration.ofNanos(new BigDecimal(text).movePointRight(9).setScale(0, RoundingMode.CEILING).longValueExact()).toString();
  }

  private static String lowerCase(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
