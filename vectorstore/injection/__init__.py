"""Prompt injection in documents: sentences that give orders to whoever answers from them, told and left out."""

from vectorstore.injection.classifier import InjectionClassifier, shipped
from vectorstore.injection.screening import Screened, orders_of, screened, without_orders

__all__ = ["InjectionClassifier", "Screened", "orders_of", "screened", "shipped", "without_orders"]
