package org.example.invoices

import dev.tributary.kotlin.Tributary
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch

/** A service of two coroutines, which goes on until it is cancelled. */
class InvoiceService(tributary: Tributary, private val send: suspend (String) -> Unit) {
  private val orders = tributary.stream<String>("orders")
  private val invoices = tributary.queue<String>("invoices")

  suspend fun run() {
    coroutineScope {
      launch { orders.process("invoices") { invoices.enqueue("invoice for ${it.value}") } }
      launch { invoices.process(concurrency = 4) { send(it.value) } }
    }
  }
}
