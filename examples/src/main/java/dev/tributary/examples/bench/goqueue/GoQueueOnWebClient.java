package dev.tributary.examples.bench.goqueue;

import dev.tributary.config.Endpoint;
import dev.tributary.examples.bench.Names;
import dev.tributary.examples.bench.Operation;
import dev.tributary.examples.bench.Subject;
import dev.tributary.examples.bench.Work;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpResponseExpectation;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** GoQueue on the Vert.x WebClient: connections that are kept alive, JSON objects, a deadline for each call. */
final class GoQueueOnWebClient implements Subject {
  private static final String PUBLISH = "/topics/" + Names.STREAM + "/messages";
  private static final String CONSUME = "/topics/" + Names.STREAM + "/partitions/0/messages";
  private static final int PAGE = 1000;
  /** As many as the SDK keeps unless told otherwise. */
  private static final int CONNECTIONS = 4;

  private final Vertx vertx;
  private final WebClient client;
  private final byte[] payload;
  private final int messages;
  private @Nullable GroupMember member;

  GoQueueOnWebClient(Vertx vertx, Endpoint server, Work work) {
    WebClientOptions options = new WebClientOptions().setDefaultHost(server.host()).setDefaultPort(server.port());
    this.client = WebClient.create(vertx, options, new PoolOptions().setHttp1MaxSize(CONNECTIONS));
    this.vertx = vertx;
    this.payload = work.payload();
    this.messages = work.taken();
  }

  @Override
  public String name() {
    return "WebClient";
  }

  @Override
  public Supplier<? extends CompletionStage<?>> calls(Operation operation) {
    return switch (operation) {
      case PUBLISH_ONE -> () -> publish(1).toCompletionStage();
      case PUBLISH_ALL, PUBLISH_BATCHED -> () -> publish(Operation.BATCH).toCompletionStage();
      case READ -> () -> consume(0, Operation.BATCH).toCompletionStage();
      case SUBSCRIBE -> () -> consumeAll(0, messages).toCompletionStage();
      case RECEIVE_AND_ACK -> {
        GroupMember member = member();
        yield () -> member.pollAndAck().toCompletionStage();
      }
      default -> throw new IllegalArgumentException(operation.label() + " is not measured of GoQueue");
    };
  }

  private Future<?> publish(int events) {
    JsonArray messages = new JsonArray();
    for (int i = 0; i < events; i++) {
      messages.add(new JsonObject().put("value", new String(payload, StandardCharsets.UTF_8)));
    }
    return post(PUBLISH, new JsonObject().put("messages", messages))
        .map(
            answer -> {
              JsonArray results = answer.getJsonArray("results");
              for (int i = 0; i < events; i++) {
                String error = results.getJsonObject(i).getString("error");
                if (error != null) {
                  throw new IllegalStateException(error);
                }
              }
              return answer;
            });
  }

  private Future<JsonObject> consume(long offset, int limit) {
    return get(CONSUME + "?offset=" + offset + "&limit=" + limit);
  }

  private Future<?> consumeAll(long offset, int left) {
    return consume(offset, Math.min(left, PAGE))
        .compose(
            page -> {
              int more = left - page.getJsonArray("messages").size();
              return more == 0 ? Future.succeededFuture() : consumeAll(page.getLong("next_offset"), more);
            });
  }

  private GroupMember member() {
    if (member == null) {
      member = await(GroupMember.join(vertx, this));
    }
    return member;
  }

  Future<JsonObject> get(String uri) {
    return answer(client.get(uri).timeout(Work.TIMEOUT.toMillis()).send());
  }

  Future<JsonObject> post(String uri, JsonObject body) {
    return answer(client.post(uri).timeout(Work.TIMEOUT.toMillis()).sendJsonObject(body));
  }

  private static Future<JsonObject> answer(Future<HttpResponse<Buffer>> response) {
    return response.expecting(HttpResponseExpectation.SC_OK).map(HttpResponse::bodyAsJsonObject);
  }

  @Override
  public void close() {
    if (member != null) {
      await(member.leave());
    }
    client.close();
  }

  private static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }
}
