package dev.tributary.testkit.server.disheap;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.testkit.server.internal.http.BadRequest;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.vertx.internal.disheap.proto.AckReq;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchResp;
import dev.tributary.vertx.internal.disheap.proto.EnqueueReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueResp;
import dev.tributary.vertx.internal.disheap.proto.ExtendReq;
import dev.tributary.vertx.internal.disheap.proto.NackReq;
import dev.tributary.vertx.internal.disheap.proto.PeekItem;
import dev.tributary.vertx.internal.disheap.proto.PeekReq;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The gateway's routes of messages. There is none to take one. */
final class GatewayMessages {
  private static final int MAX_BATCH = 1000;
  /** What the engine takes in one call. */
  private static final int MAX_RPC_BATCH = 100;
  private static final int DEFAULT_PEEK = 10;
  private static final int MAX_PEEK = 1000;
  private static final int MAX_EXTENSION_SECONDS = 43_200;
  /** The longest that the wire can say. */
  private static final long MAX_BACKOFF_SECONDS = 315_576_000_000L;

  private final LocalCalls rpcs;

  GatewayMessages(LocalCalls rpcs) {
    this.rpcs = rpcs;
  }

  CompletableFuture<HttpReply> enqueue(HttpCall call) {
    EnqueueReq request = message(call.body());
    return Steps.map(
        rpcs.call(DisheapMethods.ENQUEUE, request, call.deadline()),
        stored -> HttpReply.json(
            new JsonObject()
                .put("message_id", stored.getMessageId())
                .put("topic", request.getTopic())
                .put("priority", request.getPriority())));
  }

  private static EnqueueReq message(JsonObject json) {
    ByteString payload = HttpCall.bytes(json, "payload");
    if (payload.isEmpty()) {
      throw BadRequest.of("payload", "is required");
    }
    EnqueueReq.Builder message =
        EnqueueReq.newBuilder()
            .setTopic(HttpCall.required(json, "topic"))
            .setPayload(payload)
            .setPriority(HttpCall.number(json, "priority", 0));
    String key = HttpCall.text(json, "partition_key");
    if (!key.isEmpty()) {
      message.setPartitionKey(key);
    }
    String producer = HttpCall.text(json, "producer_id");
    if (!producer.isEmpty()) {
      message.setProducerId(producer);
    }
    return message.build();
  }

  /** All or none if they are a transaction; otherwise each for itself. */
  CompletableFuture<HttpReply> enqueueBatch(HttpCall call) {
    JsonObject body = call.body();
    List<EnqueueReq> messages = messages(body);
    String transaction = HttpCall.text(body, "transaction_id");
    if (transaction.isEmpty()) {
      return Steps.map(store(messages, 0, new JsonArray(), call.deadline()), GatewayMessages::outcome);
    } else if (messages.size() > MAX_RPC_BATCH) {
      throw BadRequest.of("messages", "must be at most " + MAX_RPC_BATCH + " in one transaction");
    }
    EnqueueBatchReq request = EnqueueBatchReq.newBuilder().addAllRequests(messages).setTransactionId(transaction).build();
    return Steps.map(
        rpcs.call(DisheapMethods.ENQUEUE_BATCH, request, call.deadline()), stored -> outcome(stored(messages, stored, new JsonArray())));
  }

  private static List<EnqueueReq> messages(JsonObject body) {
    if (!(body.getValue("messages") instanceof JsonArray array)) {
      throw BadRequest.of("messages", "must be an array");
    }
    HttpCall.bounded("number of messages", array.size(), 1, MAX_BATCH);
    List<EnqueueReq> messages = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      String place = "messages[" + i + "]";
      if (!(array.getValue(i) instanceof JsonObject json)) {
        throw BadRequest.of(place, "must be an object");
      }
      try {
        messages.add(message(json));
      } catch (BadRequest wrong) {
        throw BadRequest.of(place + "." + wrong.field(), wrong.issue());
      }
    }
    return messages;
  }

  /** One call after the other, so that messages keep their order. */
  private CompletableFuture<JsonArray> store(List<EnqueueReq> messages, int from, JsonArray results, Deadline deadline) {
    if (from == messages.size()) {
      return CompletableFuture.completedFuture(results);
    }
    int to = Math.min(from + MAX_RPC_BATCH, messages.size());
    List<EnqueueReq> part = messages.subList(from, to);
    EnqueueBatchReq request = EnqueueBatchReq.newBuilder().addAllRequests(part).build();
    CompletableFuture<JsonArray> stored =
        Steps.otherwise(
            Steps.map(rpcs.call(DisheapMethods.ENQUEUE_BATCH, request, deadline), answer -> stored(part, answer, results)),
            error -> storeSingly(part, error, results, deadline));
    return Steps.then(stored, more -> store(messages, to, more, deadline));
  }

  /** The engine refused all of them because of one: who is to blame, and what becomes of the others, they are asked one by one. */
  private CompletableFuture<JsonArray> storeSingly(List<EnqueueReq> part, Throwable error, JsonArray results, Deadline deadline) {
    if (!nothingStored(error)) {
      part.forEach(message -> results.add(failed(error)));
      return CompletableFuture.completedFuture(results);
    }
    List<CompletableFuture<JsonObject>> single = new ArrayList<>(part.size());
    for (EnqueueReq message : part) {
      single.add(
          Steps.otherwise(
              Steps.map(rpcs.call(DisheapMethods.ENQUEUE, message, deadline), stored -> stored(message, stored)),
              refused -> CompletableFuture.completedFuture(failed(refused))));
    }
    return Steps.map(
        Steps.all(single),
        all -> {
          all.forEach(one -> results.add(one.orThrow()));
          return results;
        });
  }

  private static boolean nothingStored(Throwable error) {
    return switch (Errors.rejection(error).status()) {
      case INVALID_ARGUMENT, NOT_FOUND, ABORTED, FAILED_PRECONDITION -> true;
      default -> false;
    };
  }

  private static JsonArray stored(List<EnqueueReq> messages, EnqueueBatchResp answer, JsonArray results) {
    for (int i = 0; i < messages.size(); i++) {
      results.add(stored(messages.get(i), answer.getResponses(i)));
    }
    return results;
  }

  private static JsonObject stored(EnqueueReq message, EnqueueResp answer) {
    return new JsonObject().put("message_id", answer.getMessageId()).put("priority", message.getPriority());
  }

  private static JsonObject failed(Throwable error) {
    Rejection rejection = Errors.rejection(error);
    return new JsonObject().put("message_id", "").put("error", rejection.status().name() + ": " + rejection.getMessage());
  }

  private static HttpReply outcome(JsonArray results) {
    long failed = results.stream().filter(result -> ((JsonObject) result).containsKey("error")).count();
    return HttpReply.json(
        new JsonObject().put("messages", results).put("succeeded", results.size() - failed).put("failed", failed));
  }

  CompletableFuture<HttpReply> ack(HttpCall call) {
    JsonObject body = call.body();
    AckReq request =
        AckReq.newBuilder()
            .setTopic(HttpCall.required(body, "topic"))
            .setMessageId(HttpCall.required(body, "message_id"))
            .setLeaseToken(HttpCall.required(body, "lease_token"))
            .build();
    return Steps.map(
        rpcs.call(DisheapMethods.ACK, request, call.deadline()),
        done -> settled("message acknowledged", request.getTopic(), request.getMessageId()));
  }

  CompletableFuture<HttpReply> nack(HttpCall call) {
    JsonObject body = call.body();
    NackReq.Builder request =
        NackReq.newBuilder()
            .setTopic(HttpCall.required(body, "topic"))
            .setMessageId(HttpCall.required(body, "message_id"))
            .setLeaseToken(HttpCall.required(body, "lease_token"));
    if (body.getValue("backoff_override") != null) {
      request.setBackoffOverride(seconds(body, "backoff_override", 0, MAX_BACKOFF_SECONDS));
    }
    String reason = HttpCall.text(body, "reason");
    if (!reason.isEmpty()) {
      request.setReason(reason);
    }
    // An addition of ours, as the metadata is over gRPC.
    boolean untried = Boolean.TRUE.equals(body.getValue("release"));
    return Steps.map(
        untried ? rpcs.release(request.build(), call.deadline()) : rpcs.call(DisheapMethods.NACK, request.build(), call.deadline()),
        done -> settled("message given back", request.getTopic(), request.getMessageId()));
  }

  private static HttpReply settled(String message, String topic, String id) {
    return HttpReply.json(new JsonObject().put("message", message).put("topic", topic).put("message_id", id));
  }

  CompletableFuture<HttpReply> extend(HttpCall call) {
    JsonObject body = call.body();
    if (body.getValue("extension") == null) {
      throw BadRequest.of("extension", "is required");
    }
    ExtendReq request =
        ExtendReq.newBuilder()
            .setTopic(HttpCall.required(body, "topic"))
            .setLeaseToken(HttpCall.required(body, "lease_token"))
            .setExtension(seconds(body, "extension", 1, MAX_EXTENSION_SECONDS))
            .build();
    return Steps.map(
        rpcs.call(DisheapMethods.EXTEND, request, call.deadline()),
        done ->
            HttpReply.json(
                new JsonObject()
                    .put("message", "lease extended")
                    .put("topic", request.getTopic())
                    .put("lease_token", request.getLeaseToken())
                    .put("extension", request.getExtension().getSeconds())));
  }

  private static Duration seconds(JsonObject body, String key, long least, long most) {
    return Duration.newBuilder().setSeconds(HttpCall.bounded(key, HttpCall.number(body, key, 0), least, most)).build();
  }

  CompletableFuture<HttpReply> peek(HttpCall call) {
    String topic = call.variable("topic");
    int limit = (int) HttpCall.bounded("limit", call.query("limit", DEFAULT_PEEK), 1, MAX_PEEK);
    return Steps.map(
        rpcs.call(DisheapMethods.PEEK, PeekReq.newBuilder().setTopic(topic).setLimit(limit).build(), call.deadline()),
        peeked -> {
          JsonArray messages = new JsonArray();
          peeked.getItemsList().forEach(item -> messages.add(json(item)));
          return HttpReply.json(new JsonObject().put("topic", topic).put("messages", messages).put("count", messages.size()));
        });
  }

  private static JsonObject json(PeekItem item) {
    Timestamp at = item.getEnqueuedTime();
    JsonObject metadata =
        new JsonObject()
            .put("partition_id", Integer.toString(item.getPartitionId()))
            .put("enqueued_time", Instant.ofEpochSecond(at.getSeconds(), at.getNanos()).toString())
            .put("attempts", Integer.toString(item.getAttempts()))
            .put("max_retries", Integer.toUnsignedString(item.getMaxRetries()))
            .put("is_leased", Boolean.toString(item.getIsLeased()));
    return new JsonObject()
        .put("id", item.getMessageId())
        .put("payload", Base64.getEncoder().encodeToString(item.getPayload().toByteArray()))
        .put("priority", item.getPriority())
        .put("metadata", metadata);
  }
}
