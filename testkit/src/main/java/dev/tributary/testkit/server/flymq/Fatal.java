package dev.tributary.testkit.server.flymq;

import dev.tributary.testkit.server.flymq.internal.store.Topics;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;

/** One request that takes a public server down. */
final class Fatal {
  private Fatal() {}

  /** Whether this one does; {@code users} is whether the server asks who somebody is. */
  static boolean takesDown(Opcode opcode, Message request, boolean users) {
    return !users && (opcode == Opcode.AUTH || opcode.managesUsers()) || opcode == Opcode.GET_LAG && lag(request) || ofNumbers(request);
  }

  private static boolean lag(Message request) {
    return request instanceof Requests.GroupPartition asked && asked.partition() < 0;
  }

  private static boolean ofNumbers(Message request) {
    if (request instanceof Requests.Fetch fetch) {
      return fetch.partition() < 0;
    } else if (request instanceof Requests.Subscribe subscribe) {
      return subscribe.partition() < 0;
    } else if (request instanceof Requests.ResetOffset reset) {
      return reset.partition() < 0 && !reset.mode().equals("offset");
    } else if (request instanceof Requests.CreateTopic create) {
      return create.partitions() < 0 || create.partitions() > Topics.MOST_PARTITIONS;
    } else if (request instanceof Requests.AuditQuery query) {
      return query.limit() < 0 || query.offset() < 0;
    }
    return request instanceof Requests.AuditExport export && ofNumbers(export.query());
  }
}
