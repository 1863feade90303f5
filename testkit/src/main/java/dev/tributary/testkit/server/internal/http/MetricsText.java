package dev.tributary.testkit.server.internal.http;

/** Metrics in the text format of Prometheus. */
public final class MetricsText {
  private final StringBuilder text = new StringBuilder();

  /** Samples of this counter follow. */
  public MetricsText counter(String name, String help) {
    return metric(name, help, "counter");
  }

  /** Samples of this gauge follow. */
  public MetricsText gauge(String name, String help) {
    return metric(name, help, "gauge");
  }

  private MetricsText metric(String name, String help, String type) {
    text.append("# HELP ").append(name).append(' ').append(help).append("\n# TYPE ").append(name).append(' ').append(type).append('\n');
    return this;
  }

  /** One sample; {@code labels} as they are written between the braces, empty for none. */
  public MetricsText sample(String name, String labels, long value) {
    text.append(name);
    if (!labels.isEmpty()) {
      text.append('{').append(labels).append('}');
    }
    text.append(' ').append(value).append('\n');
    return this;
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
