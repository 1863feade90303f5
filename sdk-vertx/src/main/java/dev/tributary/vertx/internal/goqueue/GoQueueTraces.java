package dev.tributary.vertx.internal.goqueue;

import dev.tributary.ResourceName;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TraceTransport;
import dev.tributary.trace.Trace;
import dev.tributary.trace.TraceQuery;
import dev.tributary.trace.TraceSpan;
import dev.tributary.trace.TraceStatus;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Groups;
import dev.tributary.vertx.internal.goqueue.client.Topics;
import dev.tributary.vertx.internal.goqueue.wire.BadAnswer;
import dev.tributary.vertx.internal.goqueue.wire.GoTime;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a GoQueue server wrote down about messages, for about an hour. */
final class GoQueueTraces implements TraceTransport {
  private static final int MOST = 1_000;
  private static final Pattern ID = Pattern.compile("[0-9a-fA-F]{32}");

  private final Api api;
  private final Topics topics;
  private final Groups groups;

  GoQueueTraces(Api api, Topics topics, Groups groups) {
    this.api = api;
    this.topics = topics;
    this.groups = groups;
  }

  @Override
  public CompletableFuture<List<Trace>> search(TraceQuery query, @Nullable ResourceName stream, Deadline deadline) {
    return Steps.map(
        api.get(path(query, stream), Messages.Traces.class, deadline), answer -> answer.traces().stream().map(this::trace).flatMap(Optional::stream).toList());
  }

  private String path(TraceQuery query, @Nullable ResourceName stream) {
    StringBuilder path = new StringBuilder("/traces/search?limit=").append(Math.min(MOST, query.limit()));
    String topic = stream == null ? null : topics.of(stream);
    if (topic != null) {
      append(path, "topic", topic);
    }
    query.partition().ifPresent(partition -> path.append("&partition=").append(partition));
    if (query.group() != null) {
      append(path, "consumer_group", group(query.group(), topic));
    }
    if (query.from() != null && query.to() != null) {
      append(path, "start", GoTime.nanos(query.from()));
      append(path, "end", GoTime.nanos(query.to()));
    }
    if (query.status() != null) {
      append(path, "status", query.status().name().toLowerCase(Locale.ROOT));
    }
    return path.toString();
  }

  /** A group is of one topic there, and the topic part of its name. */
  private String group(String group, @Nullable String topic) {
    if (topic != null) {
      return groups.wire(group, topic);
    }
    if (!groups.wire(group, "").equals(group)) {
      throw InvalidRequestException.of("a search for what group " + group + " read, of any stream", "Name the stream too");
    }
    return group;
  }

  private static void append(StringBuilder path, String name, String value) {
    path.append('&').append(name).append('=').append(URLEncoder.encode(value, StandardCharsets.UTF_8));
  }

  @Override
  public CompletableFuture<Trace> trace(String id, Deadline deadline) {
    if (!ID.matcher(id).matches()) {
      throw InvalidRequestException.of("\"" + id + "\" names no trace", "Give 32 hexadecimal digits, as a search returns them");
    }
    return Steps.map(
        api.get("/traces/" + id, Messages.Trace.class, deadline),
        answer -> trace(answer).orElseThrow(() -> BadAnswer.of("topic " + BadAnswer.shortened(answer.topic()))));
  }

  /** Empty for one of a topic with characters that none of ours has. */
  private Optional<Trace> trace(Messages.Trace answer) {
    String topic = answer.topic();
    ResourceName stream;
    try {
      stream = topics.name(topic);
    } catch (InvalidRequestException foreign) {
      return Optional.empty();
    }
    List<TraceSpan> spans = answer.spans().stream().map(span -> span(span, topic)).toList();
    return Optional.of(
        new Trace(
            answer.traceId(),
            stream,
            answer.partition(),
            answer.offset() < 0 ? OptionalLong.empty() : OptionalLong.of(answer.offset()),
            answer.startTime(),
            answer.endTime(),
            status(answer.status()),
            answer.spanCount() == null ? spans.size() : answer.spanCount(),
            spans));
  }

  private static TraceStatus status(String name) {
    for (TraceStatus status : TraceStatus.values()) {
      if (status.name().toLowerCase(Locale.ROOT).equals(name)) {
        return status;
      }
    }
    throw BadAnswer.of("a trace that is " + BadAnswer.shortened(name));
  }

  private TraceSpan span(Messages.Span span, String topic) {
    String group = span.consumerGroup();
    String name = group.isEmpty() ? null : groups.name(group, topic);
    return new TraceSpan(
        span.spanId(),
        nullable(span.parentSpanId()),
        span.eventType(),
        span.timestamp(),
        name == null ? nullable(group) : name,
        nullable(span.consumerId()),
        span.durationNs() == null ? null : Duration.ofNanos(span.durationNs()),
        nullable(span.error()),
        span.attributes());
  }

  private static @Nullable String nullable(String text) {
    return text.isEmpty() ? null : text;
  }
}
