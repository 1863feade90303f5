package dev.tributary.opentelemetry;

import io.opentelemetry.api.common.AttributeKey;
import java.util.List;

/** The names of OpenTelemetry's messaging conventions. They are still in development, so no stable library has them. */
final class Conventions {
  static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
  static final AttributeKey<String> OPERATION_NAME = AttributeKey.stringKey("messaging.operation.name");
  static final AttributeKey<String> OPERATION_TYPE = AttributeKey.stringKey("messaging.operation.type");
  static final AttributeKey<String> DESTINATION_NAME = AttributeKey.stringKey("messaging.destination.name");
  static final AttributeKey<String> PARTITION_ID = AttributeKey.stringKey("messaging.destination.partition.id");
  static final AttributeKey<String> CONSUMER_GROUP = AttributeKey.stringKey("messaging.consumer.group.name");
  static final AttributeKey<String> MESSAGE_ID = AttributeKey.stringKey("messaging.message.id");
  /** Not of the conventions: they know no producers that number their messages. */
  static final AttributeKey<String> PRODUCER_ID = AttributeKey.stringKey("tributary.producer.id");

  static final AttributeKey<Long> BODY_SIZE = AttributeKey.longKey("messaging.message.body.size");
  static final AttributeKey<Long> BATCH_COUNT = AttributeKey.longKey("messaging.batch.message_count");
  static final AttributeKey<String> SERVER_ADDRESS = AttributeKey.stringKey("server.address");
  static final AttributeKey<Long> SERVER_PORT = AttributeKey.longKey("server.port");
  static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");

  static final String OPERATION_DURATION = "messaging.client.operation.duration";
  static final String PROCESS_DURATION = "messaging.process.duration";
  static final String SENT_MESSAGES = "messaging.client.sent.messages";
  static final String CONSUMED_MESSAGES = "messaging.client.consumed.messages";

  /** Of what calls take, as the conventions have it. */
  static final List<Double> SECONDS = List.of(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0);

  /** Of what work takes: it may go on for as long as leases are renewed. */
  static final List<Double> SECONDS_OF_WORK =
      List.of(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0, 60.0, 300.0, 1800.0);

  private Conventions() {}
}
