package dev.tributary.examples.service

import dev.tributary.kotlin.Tributary
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch

/**
 * A service of two coroutines: one turns orders into invoice jobs, the other works on them. [run] goes on until it is cancelled;
 * then the handlers that are running give their jobs back, offsets are committed, and it returns.
 */
public class InvoiceService(
  tributary: Tributary,
  private val send: suspend (invoice: String) -> Unit,
) {
  private val orders = tributary.stream<String>("orders")
  private val invoices = tributary.queue<String>("invoices")
  private val sent = tributary.keyValue<String>("sent-invoices")

  public suspend fun run(): Unit = coroutineScope {
    launch {
      orders.process("invoices") { order -> invoices.enqueue(order.value) { header("order-offset", order.offset.toString()) } }
    }
    launch {
      invoices.process(concurrency = 16, { lease(1.minutes) }) { job ->
        // Jobs come at least once: what was sent is not sent again.
        if (!sent.exists(job.value)) {
          send("invoice for ${job.value}")
          sent.put(job.value, "sent")
        }
      }
    }
  }
}
